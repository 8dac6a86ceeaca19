#include "server/domain/plan.h"

#include "eventlog/base/check.h"

namespace slipway {

// ---- What stands

Plan::Changed Plan::current(RowIndex row) const {
    const auto at = changed_.find(row);
    if (at != changed_.end()) return at->second;
    const ScheduleRow& known = schedules_.at(row);
    return {known.status, known.due_at, known.dependencies_waived};
}

ScheduleStatus Plan::status(RowIndex row) const {
    return current(row).status;
}

void Plan::set(RowIndex row, ScheduleStatus status) {
    Changed next = current(row);
    next.status = status;
    changed_[row] = next;
}

std::vector<RowIndex> Plan::dependencies(RowIndex row) const {
    std::vector<RowIndex> found;
    for (RowIndex at = schedules_.at(row).first_dependency; at != kNoRow;
         at = schedules_.at(at).next_dependency) {
        found.push_back(at);
    }
    return found;
}

Plan::GateView Plan::gate(RowIndex row) const {
    const bool lenient =
        current(row).waived || schedules_.policies(schedules_.at(row)).on_dependency_failure ==
                                   DependencyFailurePolicy::proceed;
    GateView view;
    for (RowIndex at = schedules_.at(row).first_dependency; at != kNoRow;
         at = schedules_.at(at).next_dependency) {
        const ScheduleStatus of_dependency = status(at);
        if (of_dependency == ScheduleStatus::succeeded) continue;
        if (is_terminal(of_dependency)) {
            if (!lenient) return {Gate::failed, at};
        } else if (view.gate == Gate::open) {
            view = {Gate::pending, at};
        }
    }
    return view;
}

// ---- Towards due

void Plan::come_due(RowIndex row, bool judge_lateness) {
    if (state_.installation().is_held()) {
        const bool restored = state_.installation().held_reason() == DispatchReason::restored;
        hold(row, restored ? HoldReason::restored : HoldReason::dispatch_held, {}, {});
        return;
    }
    if (judge_lateness && misfired(row, current(row).due_at)) return;
    const GateView view = gate(row);
    switch (view.gate) {
        case Gate::open:
            make_due(row);
            return;
        case Gate::failed:
            fail_gate(row, view.by);
            return;
        case Gate::pending:
            break;
    }
    if (status(row) == ScheduleStatus::waiting) return;
    const Policies& policies = schedules_.policies(schedules_.at(row));
    add(DependencyAwaited{schedules_.at(row).id, schedules_.at(view.by).id,
                          context_.now + Seconds{policies.dependency_timeout_seconds}});
    set(row, ScheduleStatus::waiting);
}

// Whether it is later than its grace allows, and the policy kept it from running.
bool Plan::misfired(RowIndex row, Instant planned) {
    const ScheduleRow& known = schedules_.at(row);
    const Policies& policies = schedules_.policies(known);
    const Millis late = context_.now - planned;
    if (late <= Seconds{policies.misfire_grace_seconds}) return false;
    if (policies.misfire_then == MisfireAction::run) return false;
    misfire(row, late,
            "late by " + std::to_string(late.count() / 1000) + " s; the grace is " +
                std::to_string(policies.misfire_grace_seconds) + " s");
    return true;
}

// Ends it, or keeps it for a person to look at.
void Plan::misfire(RowIndex row, Millis late, std::string note) {
    const ScheduleRow& known = schedules_.at(row);
    const MisfireAction action = schedules_.policies(known).misfire_then;
    if (action == MisfireAction::skip) {
        end_without_run(row, DeploymentMissed{known.id, late, action}, ScheduleStatus::missed);
    } else {
        hold(row, HoldReason::misfire, std::move(note), {});
    }
}

void Plan::miss_moved(RowIndex row) {
    const Instant due_at = current(row).due_at;
    misfire(row, context_.now - due_at,
            "the zone rules " + std::string{context_.zones.version()} + " moved it to " +
                to_text(due_at) + ", which has passed");
}

void Plan::make_due(RowIndex row) {
    const ScheduleRow& known = schedules_.at(row);
    CHECK(is_pending(status(row)));
    const Version version = known.app_version.value != 0
                                ? known.app_version
                                : schedules_.app_of(known).definition_version();
    add(DeploymentDue{deployment_of(known.id), current(row).due_at, context_.now, version,
                      context_.now + kStartDeadlineAfter});
    set(row, ScheduleStatus::due);
}

void Plan::fail_gate(RowIndex row, RowIndex dependency) {
    const ScheduleRow& known = schedules_.at(row);
    const ScheduleId failed = schedules_.at(dependency).id;
    if (schedules_.policies(known).on_dependency_failure == DependencyFailurePolicy::skip) {
        end_without_run(row, DeploymentSkipped{known.id, failed}, ScheduleStatus::skipped);
        return;
    }
    hold(row, HoldReason::dependency_failed,
         "its dependency is " + std::string{name_of(status(dependency))}, failed);
}

void Plan::give_up_waiting(RowIndex row) {
    const GateView view = gate(row);
    const bool proceeds = schedules_.policies(schedules_.at(row)).on_dependency_failure ==
                          DependencyFailurePolicy::proceed;
    if (state_.installation().is_held() || view.gate == Gate::open) {
        come_due(row, false);
    } else if (proceeds) {
        make_due(row);
    } else {
        fail_gate(row, view.by);
    }
}

void Plan::resume_after_arming(RowIndex row) {
    if (misfired(row, schedules_.at(row).wake_at)) return;
    release(row, ReleaseReason::dispatch_armed, {});
    come_due(row, false);
}

void Plan::release(RowIndex row, ReleaseReason reason, const std::string& note) {
    const ScheduleRow& known = schedules_.at(row);
    add(DeploymentReleased{known.id, reason, note});
    Changed next = current(row);
    next.waived = next.waived || known.hold_reason == HoldReason::dependency_failed;
    next.status = ScheduleStatus::scheduled;
    changed_[row] = next;
}

void Plan::hold(RowIndex row, HoldReason reason, std::string note,
                std::optional<ScheduleId> dependency) {
    add(DeploymentHeld{schedules_.at(row).id, reason, std::move(note), dependency});
    set(row, ScheduleStatus::held);
}

void Plan::hold_dependencies(RowIndex row) {
    for (const RowIndex at : dependencies(row)) {
        if (!is_pending(status(at))) continue;
        // What only the dispatch switch holds would run once dispatch is armed.
        const bool held = status(at) == ScheduleStatus::held && !schedules_.at(at).woken_when_armed;
        if (!held) hold(at, HoldReason::parent_held, {}, {});
        hold_dependencies(at);
    }
}

std::vector<RowIndex> Plan::release_dependencies(RowIndex row) {
    std::vector<RowIndex> released;
    for (const RowIndex at : dependencies(row)) {
        const bool is_along = status(at) == ScheduleStatus::held &&
                              schedules_.at(at).hold_reason == HoldReason::parent_held;
        if (!is_along) continue;
        release(at, ReleaseReason::by_user, {});
        const auto below = release_dependencies(at);
        released.insert(released.end(), below.begin(), below.end());
        released.push_back(at);
    }
    return released;
}

void Plan::expedite(RowIndex row, ScheduleId root) {
    const ScheduleRow& known = schedules_.at(row);
    const bool overruled =
        known.status == ScheduleStatus::held && known.hold_reason == HoldReason::dependency_failed;
    add(DeploymentExpedited{known.id, context_.now, root});
    changed_[row] = {ScheduleStatus::scheduled, context_.now, current(row).waived || overruled};
}

void Plan::move(RowIndex row, DueTimeReresolved event) {
    Changed next = current(row);
    next.due_at = event.due_at;
    changed_[row] = next;
    add(std::move(event));
}

// ---- Ends

void Plan::cancel(RowIndex row, CancelReason reason, const std::string& note, ScheduleId root) {
    add(DeploymentCancelled{schedules_.at(row).id, reason, note, root});
    set(row, ScheduleStatus::cancelled);
    cancel_dependencies(row, CancelReason::parent_cancelled, root);
}

void Plan::cancel_dependencies(RowIndex row, CancelReason reason, ScheduleId root) {
    for (const RowIndex at : dependencies(row)) {
        if (is_pending(status(at))) cancel(at, reason, {}, root);
    }
}

// What it would have been deployed for will not happen: neither should what comes before it.
void Plan::end_without_run(RowIndex row, Event event, ScheduleStatus status) {
    add(std::move(event));
    set(row, status);
    cancel_dependencies(row, CancelReason::parent_cancelled, schedules_.at(row).id);
    tell_parent(row);
}

void Plan::end_run(RowIndex row, Event event, ScheduleStatus status) {
    add(std::move(event));
    set(row, status);
    tell_parent(row);
}

void Plan::tell_parent(RowIndex row) {
    const RowIndex parent = schedules_.at(row).parent;
    if (parent == kNoRow) return;
    const GateView view = gate(parent);
    switch (status(parent)) {
        case ScheduleStatus::waiting:
            if (view.gate != Gate::pending) come_due(parent, false);
            return;
        case ScheduleStatus::scheduled:
            // It cannot succeed any more: people should hear now, not when it is due.
            if (view.gate == Gate::failed) fail_gate(parent, view.by);
            return;
        default:
            return;
    }
}

// ---- Looking up

RowIndex find_schedule(const State& state, ScheduleId id, const Context& context) {
    const RowIndex row = state.schedules().find(id);
    if (row == kNoRow) return kNoRow;
    const ScheduleRow& known = state.schedules().at(row);
    const bool mine = state.schedules().team_of(known) == context.principal.team;
    return mine && !known.at_once ? row : kNoRow;
}

RowIndex find_deployment(const State& state, DeploymentId id, const Context& context) {
    const RowIndex row = state.schedules().find(schedule_of(id));
    if (row == kNoRow) return kNoRow;
    return state.schedules().team_of(state.schedules().at(row)) == context.principal.team ? row
                                                                                          : kNoRow;
}

const App* find_app(const State& state, AppId id, const Context& context) {
    const App* const app = state.apps().find(id);
    return app != nullptr && app->team == context.principal.team ? app : nullptr;
}

Rejection no_such_schedule(ScheduleId id) {
    return reject(RejectionCode::schedule_not_found,
                  "there is no scheduled deployment " + id.text());
}

Rejection no_such_deployment(DeploymentId id) {
    return reject(RejectionCode::deployment_not_found, "there is no deployment " + id.text());
}

std::string status_text(const ScheduleRow& row) {
    return row.id.text() + " is " + std::string{name_of(row.status)};
}

}  // namespace slipway
