#include "eventlog/events/codec_parts.h"

namespace slipway::codec {

flatbuffers::Offset<wire::DeploymentScheduled> write(Builder& to, const DeploymentScheduled& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto app = wire_of(from.app.uuid);
    const auto time = write(to, from.time);
    const auto parent = from.parent ? wire_of(from.parent->uuid) : wire::Uuid{};
    const auto policies = write(to, from.policies);
    const auto note = write(to, from.note);
    const auto labels = write(to, from.labels);
    wire::DeploymentScheduledBuilder made{to};
    made.add_schedule(&schedule);
    made.add_app(&app);
    made.add_app_version(number_of(from.app_version));
    made.add_time(time);
    if (from.parent) made.add_parent(&parent);
    made.add_lead_seconds(number_of(from.lead_seconds));
    made.add_lead_shortened(number_of(from.lead_shortened));
    if (!policies.IsNull()) made.add_policies(policies);
    if (!note.IsNull()) made.add_note(note);
    if (!labels.IsNull()) made.add_labels(labels);
    return made.Finish();
}

bool read(const wire::DeploymentScheduled* from, DeploymentScheduled& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->app(), to.app) &&
           read(from->app_version(), to.app_version) && read(from->time(), to.time) &&
           read(from->parent(), to.parent) && read(from->lead_seconds(), to.lead_seconds) &&
           read(from->lead_shortened(), to.lead_shortened) && read(from->policies(), to.policies) &&
           read(from->note(), to.note) && read(from->labels(), to.labels);
}

flatbuffers::Offset<wire::DeploymentRescheduled> write(Builder& to,
                                                       const DeploymentRescheduled& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto time = write(to, from.time);
    wire::DeploymentRescheduledBuilder made{to};
    made.add_schedule(&schedule);
    made.add_time(time);
    made.add_lead_shortened(number_of(from.lead_shortened));
    return made.Finish();
}

bool read(const wire::DeploymentRescheduled* from, DeploymentRescheduled& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->time(), to.time) &&
           read(from->lead_shortened(), to.lead_shortened);
}

flatbuffers::Offset<wire::DueTimeReresolved> write(Builder& to, const DueTimeReresolved& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto tzdb_version = to.CreateString(from.tzdb_version);
    const auto timezone = write(to, from.timezone);
    wire::DueTimeReresolvedBuilder made{to};
    // The wide ones first: less padding.
    made.add_old_due_at(number_of(from.old_due_at));
    made.add_due_at(number_of(from.due_at));
    made.add_wall_clock(number_of(from.wall_clock));
    made.add_schedule(&schedule);
    made.add_tzdb_version(tzdb_version);
    if (!timezone.IsNull()) made.add_timezone(timezone);
    made.add_utc_offset_seconds(number_of(from.utc_offset_seconds));
    made.add_resolution(number_of(from.resolution));
    return made.Finish();
}

bool read(const wire::DueTimeReresolved* from, DueTimeReresolved& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->old_due_at(), to.old_due_at) &&
           read(from->due_at(), to.due_at) && read(from->wall_clock(), to.wall_clock) &&
           read(from->resolution(), to.resolution) &&
           read(from->utc_offset_seconds(), to.utc_offset_seconds) &&
           read(from->tzdb_version(), to.tzdb_version) && read(from->timezone(), to.timezone);
}

flatbuffers::Offset<wire::DeploymentTermsRevised> write(Builder& to,
                                                        const DeploymentTermsRevised& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto policies = write(to, from.policies);
    const auto note = write(to, from.note);
    const auto labels = write(to, from.labels);
    wire::DeploymentTermsRevisedBuilder made{to};
    made.add_schedule(&schedule);
    if (!policies.IsNull()) made.add_policies(policies);
    if (!note.IsNull()) made.add_note(note);
    if (!labels.IsNull()) made.add_labels(labels);
    return made.Finish();
}

bool read(const wire::DeploymentTermsRevised* from, DeploymentTermsRevised& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->policies(), to.policies) &&
           read(from->note(), to.note) && read(from->labels(), to.labels);
}

flatbuffers::Offset<wire::DeploymentHeld> write(Builder& to, const DeploymentHeld& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto note = write(to, from.note);
    const auto dependency = from.dependency ? wire_of(from.dependency->uuid) : wire::Uuid{};
    wire::DeploymentHeldBuilder made{to};
    made.add_schedule(&schedule);
    made.add_reason(number_of(from.reason));
    if (!note.IsNull()) made.add_note(note);
    if (from.dependency) made.add_dependency(&dependency);
    return made.Finish();
}

bool read(const wire::DeploymentHeld* from, DeploymentHeld& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->reason(), to.reason) &&
           read(from->note(), to.note) && read(from->dependency(), to.dependency);
}

flatbuffers::Offset<wire::DeploymentReleased> write(Builder& to, const DeploymentReleased& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto note = write(to, from.note);
    wire::DeploymentReleasedBuilder made{to};
    made.add_schedule(&schedule);
    made.add_reason(number_of(from.reason));
    if (!note.IsNull()) made.add_note(note);
    return made.Finish();
}

bool read(const wire::DeploymentReleased* from, DeploymentReleased& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->reason(), to.reason) &&
           read(from->note(), to.note);
}

flatbuffers::Offset<wire::DeploymentExpedited> write(Builder& to, const DeploymentExpedited& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto root = wire_of(from.root.uuid);
    wire::DeploymentExpeditedBuilder made{to};
    made.add_schedule(&schedule);
    made.add_due_at(number_of(from.due_at));
    made.add_root(&root);
    return made.Finish();
}

bool read(const wire::DeploymentExpedited* from, DeploymentExpedited& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->due_at(), to.due_at) &&
           read(from->root(), to.root);
}

flatbuffers::Offset<wire::DependencyAwaited> write(Builder& to, const DependencyAwaited& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto dependency = wire_of(from.dependency.uuid);
    wire::DependencyAwaitedBuilder made{to};
    made.add_schedule(&schedule);
    made.add_dependency(&dependency);
    made.add_until(number_of(from.until));
    return made.Finish();
}

bool read(const wire::DependencyAwaited* from, DependencyAwaited& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->dependency(), to.dependency) &&
           read(from->until(), to.until);
}

flatbuffers::Offset<wire::DeploymentCancelled> write(Builder& to, const DeploymentCancelled& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto note = write(to, from.note);
    const auto root = wire_of(from.root.uuid);
    wire::DeploymentCancelledBuilder made{to};
    made.add_schedule(&schedule);
    made.add_reason(number_of(from.reason));
    if (!note.IsNull()) made.add_note(note);
    made.add_root(&root);
    return made.Finish();
}

bool read(const wire::DeploymentCancelled* from, DeploymentCancelled& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->reason(), to.reason) &&
           read(from->note(), to.note) && read(from->root(), to.root);
}

flatbuffers::Offset<wire::DeploymentMissed> write(Builder& to, const DeploymentMissed& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    wire::DeploymentMissedBuilder made{to};
    made.add_schedule(&schedule);
    made.add_late_by_ms(number_of(from.late_by_ms));
    made.add_policy(number_of(from.policy));
    return made.Finish();
}

bool read(const wire::DeploymentMissed* from, DeploymentMissed& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->late_by_ms(), to.late_by_ms) &&
           read(from->policy(), to.policy);
}

flatbuffers::Offset<wire::DeploymentSkipped> write(Builder& to, const DeploymentSkipped& from) {
    const auto schedule = wire_of(from.schedule.uuid);
    const auto dependency = wire_of(from.dependency.uuid);
    wire::DeploymentSkippedBuilder made{to};
    made.add_schedule(&schedule);
    made.add_dependency(&dependency);
    return made.Finish();
}

bool read(const wire::DeploymentSkipped* from, DeploymentSkipped& to) {
    if (from == nullptr) return false;
    return read(from->schedule(), to.schedule) && read(from->dependency(), to.dependency);
}

}  // namespace slipway::codec
