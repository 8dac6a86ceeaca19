// What each event does to a schedule: until it is due, and while it runs.

#include "eventlog/base/check.h"
#include "projections/schedules.h"

#include <algorithm>
#include <string>
#include <utility>

namespace slipway {

// ---- Until it is due

namespace {

EndReason end_reason_of(CancelReason reason) {
    switch (reason) {
        case CancelReason::by_user:
            return EndReason::by_user;
        case CancelReason::parent_cancelled:
            return EndReason::parent_cancelled;
        case CancelReason::app_archived:
            return EndReason::app_archived;
    }
    return EndReason::none;
}

}  // namespace

void Schedules::apply(const Envelope& envelope, const DeploymentScheduled& event) {
    CHECK(envelope.stream_version.value == 1);
    ScheduleRow row;
    row.id = event.schedule;
    row.app = apps_.index_of(event.app);
    row.app_version = event.app_version;
    row.due_at = event.time.due_at;
    set_time(row, event.time);
    row.policies = policies_.add(event.policies);
    row.lead_seconds = event.lead_seconds;
    row.lead_shortened = event.lead_shortened;
    if (event.parent) {
        row.parent = find(*event.parent);
        CHECK(row.parent != kNoRow);
    }
    const RowIndex index = add(envelope, row);
    if (row.parent != kNoRow) {
        // At the end of the list: dependencies are answered in the order they were named.
        auto* link = &rows_.at(row.parent).first_dependency;
        while (*link != kNoRow) link = &rows_.at(*link).next_dependency;
        *link = index;
    }
    set_text(index, event.note, event.labels);
    set_trace(index, envelope);
    wake(index, row.due_at);
}

void Schedules::apply(const Envelope& envelope, const DeploymentRescheduled& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    ScheduleRow& row = rows_.at(index);
    move_due(index, event.time.due_at);
    set_time(row, event.time);
    row.lead_shortened = event.lead_shortened;
    set_trace(index, envelope);
    wake_when_due(index);
}

void Schedules::apply(const Envelope& envelope, const DueTimeReresolved& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    ScheduleRow& row = rows_.at(index);
    CHECK(is_pending(row.status));
    move_due(index, event.due_at);
    row.wall_clock = event.wall_clock;
    row.resolution = event.resolution;
    row.utc_offset_seconds = static_cast<std::int32_t>(event.utc_offset_seconds.count());
    words_.replace(row.tzdb_version, event.tzdb_version);
    if (!event.timezone.empty()) words_.replace(row.timezone, event.timezone);
    row.lead_shortened = false;
    wake_when_due(index);
}

void Schedules::apply(const Envelope& envelope, const DeploymentTermsRevised& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    policies_.replace(rows_.at(index).policies, event.policies);
    set_text(index, event.note, event.labels);
}

void Schedules::apply(const Envelope& envelope, const DeploymentHeld& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    ScheduleRow& row = rows_.at(index);
    // What had waited for a dependency was late for that reason, and is so no more.
    const bool was_waiting = row.status == ScheduleStatus::waiting;
    const Instant since = was_waiting ? std::max(row.due_at, envelope.recorded_at) : row.due_at;
    set_status(index, ScheduleStatus::held);
    row.hold_reason = event.reason;
    set_status_note(index, event.note);
    const bool is_persons = event.reason == HoldReason::by_user;
    set_held_by(index, is_persons ? envelope.actor.user : UserId{});
    if (event.reason == HoldReason::dispatch_held || event.reason == HoldReason::restored) {
        wake(index, since, true);
    }
}

void Schedules::apply(const Envelope& envelope, const DeploymentReleased& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    ScheduleRow& row = rows_.at(index);
    CHECK(row.status == ScheduleStatus::held);
    if (row.hold_reason == HoldReason::dependency_failed) row.dependencies_waived = true;
    set_status(index, ScheduleStatus::scheduled);
    set_status_note(index, event.note);
    set_trace(index, envelope);
    wake(index, row.due_at);
}

void Schedules::apply(const Envelope& envelope, const DeploymentExpedited& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    ScheduleRow& row = rows_.at(index);
    CHECK(is_pending(row.status));
    if (row.status == ScheduleStatus::held && row.hold_reason == HoldReason::dependency_failed) {
        row.dependencies_waived = true;
    }
    move_due(index, event.due_at);
    set_status(index, ScheduleStatus::scheduled);
    set_trace(index, envelope);
    wake(index, row.due_at);
}

void Schedules::apply(const Envelope& envelope, const DependencyAwaited& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    set_status(index, ScheduleStatus::waiting);
    wake(index, event.until);
}

void Schedules::apply(const Envelope& envelope, const DeploymentCancelled& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    CHECK(is_pending(rows_.at(index).status));
    set_status_note(index, event.note);
    rows_.at(index).end_reason = end_reason_of(event.reason);
    end(index, ScheduleStatus::cancelled);
}

void Schedules::apply(const Envelope& envelope, const DeploymentMissed& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    ScheduleRow& row = rows_.at(index);
    CHECK(is_pending(row.status));
    const Seconds grace{policies(row).misfire_grace_seconds};
    const bool was_late = event.late_by_ms > grace;
    const auto seconds = std::to_string(event.late_by_ms.count() / 1'000) + " s";
    row.end_reason = was_late ? EndReason::misfire : EndReason::time_moved;
    set_status_note(
        index, was_late
                   ? "late by " + seconds + "; the grace is " + std::to_string(grace.count()) + " s"
                   : "other zone rules moved its time into the past, by " + seconds);
    end(index, ScheduleStatus::missed);
}

void Schedules::apply(const Envelope& envelope, const DeploymentSkipped& event) {
    const RowIndex index = changed(envelope, event.schedule.uuid);
    ScheduleRow& row = rows_.at(index);
    CHECK(is_pending(row.status));
    const RowIndex dependency = find(event.dependency);
    CHECK(dependency != kNoRow);
    const ScheduleStatus status = rows_.at(dependency).status;
    const bool has_ended = is_terminal(status);
    row.end_reason = has_ended ? EndReason::dependency_failed : EndReason::dependency_timed_out;
    set_status_note(index, "its dependency " + event.dependency.text() + " is " +
                               std::string{name_of(status)} +
                               (has_ended ? "" : ", and it waited for it as long as it may"));
    end(index, ScheduleStatus::skipped);
}

// ---- Its run

void Schedules::apply(const Envelope& envelope, const DeploymentRequested& event) {
    CHECK(envelope.stream_version.value == 1);
    ScheduleRow row;
    row.id = schedule_of(event.deployment);
    row.app = apps_.index_of(event.app);
    row.due_at = envelope.recorded_at;
    for (auto* const word : {&row.original_timezone, &row.timezone, &row.tzdb_version}) {
        *word = words_.add({});
    }
    row.policies = policies_.add(event.policies);
    row.at_once = true;
    const RowIndex index = add(envelope, row);
    set_text(index, event.note, event.labels);
    set_trace(index, envelope);
}

void Schedules::apply(const Envelope& envelope, const DeploymentDue& event) {
    const RowIndex index = run_changed(envelope, event.deployment);
    // The one decision to dispatch: never a second, and never after an end.
    CHECK(is_pending(rows_.at(index).status));
    set_status(index, ScheduleStatus::due);
    ScheduleRow& row = rows_.at(index);
    const ScheduleRow before = row;
    row.app_version = event.app_version;
    pin(row);
    unpin(before);
}

void Schedules::apply(const Envelope& envelope, const AttemptStarted& event) {
    set_status(run_changed(envelope, event.deployment), ScheduleStatus::running);
}

void Schedules::apply(const Envelope& envelope, const AttemptAccepted& event) {
    wake(run_changed(envelope, event.deployment), event.completion_deadline);
}

void Schedules::apply(const Envelope& envelope, const AttemptFailed& event) {
    run_changed(envelope, event.deployment);
}

void Schedules::apply(const Envelope& envelope, const OutcomeUnknown& event) {
    set_status(run_changed(envelope, event.deployment), ScheduleStatus::unknown);
}

void Schedules::apply(const Envelope& envelope, const OutcomeReconciled& event) {
    const RowIndex index = run_changed(envelope, event.deployment);
    if (event.verdict == Verdict::resend) set_status(index, ScheduleStatus::running);
}

void Schedules::apply(const Envelope& envelope, const DeploymentSucceeded& event) {
    const RowIndex index = run_changed(envelope, event.deployment);
    deployed_.push_back({rows_.at(index).app, rows_.at(index).app_version});
    end(index, ScheduleStatus::succeeded);
}

void Schedules::apply(const Envelope& envelope, const DeploymentFailed& event) {
    end(run_changed(envelope, event.deployment), ScheduleStatus::failed);
}

void Schedules::apply(const Envelope& envelope, const DeploymentAborted& event) {
    const RowIndex index = run_changed(envelope, event.deployment);
    set_status_note(index, event.note);
    end(index, ScheduleStatus::aborted);
}

}  // namespace slipway
