#include "eventlog/events/codec_parts.h"

namespace slipway::codec {

flatbuffers::Offset<wire::DeploymentRequested> write(Builder& to, const DeploymentRequested& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto app = wire_of(from.app.uuid);
    const auto policies = write(to, from.policies);
    const auto note = write(to, from.note);
    const auto labels = write(to, from.labels);
    wire::DeploymentRequestedBuilder made{to};
    made.add_deployment(&deployment);
    made.add_app(&app);
    if (!policies.IsNull()) made.add_policies(policies);
    if (!note.IsNull()) made.add_note(note);
    if (!labels.IsNull()) made.add_labels(labels);
    return made.Finish();
}

bool read(const wire::DeploymentRequested* from, DeploymentRequested& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->app(), to.app) &&
           read(from->policies(), to.policies) && read(from->note(), to.note) &&
           read(from->labels(), to.labels);
}

flatbuffers::Offset<wire::DeploymentDue> write(Builder& to, const DeploymentDue& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    wire::DeploymentDueBuilder made{to};
    made.add_deployment(&deployment);
    made.add_due_at(number_of(from.due_at));
    made.add_decided_at(number_of(from.decided_at));
    made.add_app_version(number_of(from.app_version));
    if (from.start_deadline) made.add_start_deadline(number_of(*from.start_deadline));
    return made.Finish();
}

bool read(const wire::DeploymentDue* from, DeploymentDue& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->due_at(), to.due_at) &&
           read(from->decided_at(), to.decided_at) && read(from->app_version(), to.app_version) &&
           read(from->start_deadline(), to.start_deadline);
}

flatbuffers::Offset<wire::AttemptStarted> write(Builder& to, const AttemptStarted& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto target = write(to, from.target);
    wire::AttemptStartedBuilder made{to};
    made.add_deployment(&deployment);
    made.add_number(number_of(from.number));
    if (!target.IsNull()) made.add_target(target);
    made.add_deadline(number_of(from.deadline));
    return made.Finish();
}

bool read(const wire::AttemptStarted* from, AttemptStarted& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->number(), to.number) &&
           read(from->target(), to.target) && read(from->deadline(), to.deadline);
}

flatbuffers::Offset<wire::AttemptAccepted> write(Builder& to, const AttemptAccepted& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto reference = write(to, from.reference);
    wire::AttemptAcceptedBuilder made{to};
    made.add_deployment(&deployment);
    made.add_number(number_of(from.number));
    if (!reference.IsNull()) made.add_reference(reference);
    made.add_completion_deadline(number_of(from.completion_deadline));
    return made.Finish();
}

bool read(const wire::AttemptAccepted* from, AttemptAccepted& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->number(), to.number) &&
           read(from->reference(), to.reference) &&
           read(from->completion_deadline(), to.completion_deadline);
}

flatbuffers::Offset<wire::AttemptFailed> write(Builder& to, const AttemptFailed& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto detail = write(to, from.detail);
    wire::AttemptFailedBuilder made{to};
    made.add_deployment(&deployment);
    made.add_number(number_of(from.number));
    made.add_cause(number_of(from.cause));
    made.add_http_status(number_of(from.http_status));
    if (!detail.IsNull()) made.add_detail(detail);
    if (from.retry_at) made.add_retry_at(number_of(*from.retry_at));
    return made.Finish();
}

bool read(const wire::AttemptFailed* from, AttemptFailed& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->number(), to.number) &&
           read(from->cause(), to.cause) && read(from->http_status(), to.http_status) &&
           read(from->detail(), to.detail) && read(from->retry_at(), to.retry_at);
}

flatbuffers::Offset<wire::OutcomeUnknown> write(Builder& to, const OutcomeUnknown& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto detail = write(to, from.detail);
    wire::OutcomeUnknownBuilder made{to};
    made.add_deployment(&deployment);
    made.add_number(number_of(from.number));
    made.add_cause(number_of(from.cause));
    if (!detail.IsNull()) made.add_detail(detail);
    return made.Finish();
}

bool read(const wire::OutcomeUnknown* from, OutcomeUnknown& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->number(), to.number) &&
           read(from->cause(), to.cause) && read(from->detail(), to.detail);
}

flatbuffers::Offset<wire::OutcomeReconciled> write(Builder& to, const OutcomeReconciled& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto evidence = write(to, from.evidence);
    wire::OutcomeReconciledBuilder made{to};
    made.add_deployment(&deployment);
    made.add_number(number_of(from.number));
    made.add_verdict(number_of(from.verdict));
    if (!evidence.IsNull()) made.add_evidence(evidence);
    return made.Finish();
}

bool read(const wire::OutcomeReconciled* from, OutcomeReconciled& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->number(), to.number) &&
           read(from->verdict(), to.verdict) && read(from->evidence(), to.evidence);
}

flatbuffers::Offset<wire::DeploymentSucceeded> write(Builder& to, const DeploymentSucceeded& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto detail = write(to, from.detail);
    wire::DeploymentSucceededBuilder made{to};
    made.add_deployment(&deployment);
    made.add_number(number_of(from.number));
    made.add_http_status(number_of(from.http_status));
    if (!detail.IsNull()) made.add_detail(detail);
    return made.Finish();
}

bool read(const wire::DeploymentSucceeded* from, DeploymentSucceeded& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->number(), to.number) &&
           read(from->http_status(), to.http_status) && read(from->detail(), to.detail);
}

flatbuffers::Offset<wire::DeploymentFailed> write(Builder& to, const DeploymentFailed& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto detail = write(to, from.detail);
    wire::DeploymentFailedBuilder made{to};
    made.add_deployment(&deployment);
    made.add_number(number_of(from.number));
    made.add_cause(number_of(from.cause));
    made.add_http_status(number_of(from.http_status));
    if (!detail.IsNull()) made.add_detail(detail);
    return made.Finish();
}

bool read(const wire::DeploymentFailed* from, DeploymentFailed& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->number(), to.number) &&
           read(from->cause(), to.cause) && read(from->http_status(), to.http_status) &&
           read(from->detail(), to.detail);
}

flatbuffers::Offset<wire::DeploymentAborted> write(Builder& to, const DeploymentAborted& from) {
    const auto deployment = wire_of(from.deployment.uuid);
    const auto note = write(to, from.note);
    wire::DeploymentAbortedBuilder made{to};
    made.add_deployment(&deployment);
    if (!note.IsNull()) made.add_note(note);
    return made.Finish();
}

bool read(const wire::DeploymentAborted* from, DeploymentAborted& to) {
    if (from == nullptr) return false;
    return read(from->deployment(), to.deployment) && read(from->note(), to.note);
}

}  // namespace slipway::codec
