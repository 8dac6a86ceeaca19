#include "projections/status_text.h"

namespace slipway {

namespace {

const Attempt* last_attempt(const ScheduleView& view, RowIndex row) {
    const Run* const run = view.deployments.find(deployment_of(view.schedules.at(row).id));
    return run == nullptr || run->attempts.empty() ? nullptr : &run->attempts.back();
}

// "sched_… is cancelled", of what it is deployed for.
std::string parent_text(const ScheduleView& view, RowIndex row) {
    const RowIndex parent = view.schedules.at(row).parent;
    if (parent == kNoRow) return "what it is deployed for will not run";
    const ScheduleRow& found = view.schedules.at(parent);
    return "what it is deployed for, " + found.id.text() + ", is " +
           std::string{name_of(found.status)};
}

// The first that a waiting one waits for.
std::string awaited_text(const ScheduleView& view, RowIndex row) {
    const Schedules& schedules = view.schedules;
    for (RowIndex at = schedules.at(row).first_dependency; at != kNoRow;
         at = schedules.at(at).next_dependency) {
        const ScheduleRow& found = schedules.at(at);
        if (is_terminal(found.status)) continue;
        return "it waits for " + found.id.text() + ", which is " +
               std::string{name_of(found.status)};
    }
    return "it waits for what it depends on";
}

std::string hold_text(const ScheduleView& view, RowIndex row) {
    switch (view.schedules.at(row).hold_reason) {
        case HoldReason::by_user:
            return "a person held it and gave no reason";
        case HoldReason::parent_held:
            return parent_text(view, row);
        case HoldReason::dispatch_held:
            return "dispatch was held when its time came";
        case HoldReason::restored:
            return "its time came after this server was restored from a copy, and before dispatch "
                   "was armed";
        case HoldReason::misfire:
            return "it is later than its grace allows";
        case HoldReason::dependency_failed:
            return "one that it depends on did not succeed";
        case HoldReason::freeze:
            return "its time came in a freeze";
    }
    return {};
}

std::string end_text(const ScheduleView& view, RowIndex row) {
    switch (view.schedules.at(row).end_reason) {
        case EndReason::by_user:
            return "a person cancelled it and gave no reason";
        case EndReason::parent_cancelled:
            return parent_text(view, row);
        case EndReason::app_archived:
            return "its app was archived";
        default:
            return {};
    }
}

std::string_view cause_text(AttemptCause cause) {
    switch (cause) {
        case AttemptCause::answered:
            return "the target's answer is no success";
        case AttemptCause::connect_failed:
            return "the target could not be reached";
        case AttemptCause::timed_out:
            return "the target did not answer in time";
        case AttemptCause::connection_lost:
            return "the connection ended before there was an answer";
        case AttemptCause::address_refused:
            return "the target's address is refused";
        case AttemptCause::invalid_target:
            return "the target cannot be called";
        case AttemptCause::server_restarted:
            return "the server ended while the attempt was under way";
        case AttemptCause::completion_timed_out:
            return "the target accepted it and did not report in time";
        case AttemptCause::reported:
            return "it was reported";
        case AttemptCause::response_too_large:
            return "the target's answer was too large";
        case AttemptCause::credential_missing:
            return "the credential is gone";
    }
    return {};
}

// "attempt 3: the target's answer is no success, HTTP 503: out of disk".
std::string attempt_text(const Attempt& attempt) {
    std::string text =
        "attempt " + std::to_string(attempt.number) + ": " + std::string{cause_text(attempt.cause)};
    if (attempt.http_status != 0) text += ", HTTP " + std::to_string(attempt.http_status);
    if (!attempt.detail.empty()) text += ": " + attempt.detail;
    return text;
}

}  // namespace

std::string_view status_reason(const ScheduleView& view, RowIndex row) {
    const ScheduleRow& found = view.schedules.at(row);
    switch (found.status) {
        case ScheduleStatus::held:
            return name_of(found.hold_reason);
        case ScheduleStatus::waiting:
            return "dependency_pending";
        case ScheduleStatus::cancelled:
        case ScheduleStatus::missed:
        case ScheduleStatus::skipped:
            return name_of(found.end_reason);
        case ScheduleStatus::aborted:
            return name_of(EndReason::by_user);
        case ScheduleStatus::failed:
        case ScheduleStatus::unknown: {
            const Attempt* const attempt = last_attempt(view, row);
            return attempt == nullptr ? std::string_view{} : name_of(attempt->cause);
        }
        case ScheduleStatus::scheduled:
        case ScheduleStatus::due:
        case ScheduleStatus::running:
        case ScheduleStatus::succeeded:
            return {};
    }
    return {};
}

std::string status_note(const ScheduleView& view, RowIndex row) {
    const ScheduleStatus status = view.schedules.at(row).status;
    if (status == ScheduleStatus::waiting) return awaited_text(view, row);
    if (status == ScheduleStatus::failed || status == ScheduleStatus::unknown) {
        const Attempt* const attempt = last_attempt(view, row);
        if (attempt != nullptr) return attempt_text(*attempt);
    }
    const std::string& said = view.schedules.text(row).status_note;
    if (!said.empty()) return said;
    if (status == ScheduleStatus::held) return hold_text(view, row);
    if (status == ScheduleStatus::aborted) return "a person gave it up and gave no reason";
    return end_text(view, row);
}

}  // namespace slipway
