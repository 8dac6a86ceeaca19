#include "server/domain/decide.h"
#include "server/domain/plan.h"
#include "server/domain/text_rules.h"

#include <algorithm>

namespace slipway {

namespace {

// Exponential, with full jitter, and never before the target said (RFC 9110, Retry-After).
Instant retry_at(const Run& run, const Policies& policies, const RecordOutcome& command,
                 const Context& context) {
    const std::uint64_t most = policies.retry_max_backoff_seconds;
    const std::uint32_t doublings = std::min<std::uint32_t>(run.failures, 32);
    const std::uint64_t backoff =
        std::min<std::uint64_t>(most, std::uint64_t{policies.retry_backoff_seconds} << doublings);
    const Millis wait{static_cast<std::int64_t>(context.ids.random_below(backoff * 1000 + 1))};
    return context.now + std::max<Millis>(wait, command.retry_after.value_or(Seconds{0}));
}

std::string past_deadline(Instant next, Instant deadline, const std::string& detail) {
    return "the next attempt would be at " + to_text(next) + ", after the start deadline " +
           to_text(deadline) + (detail.empty() ? "" : ": " + detail);
}

// No other try follows. What may have reached the target and was not answered is not known to have
// failed.
bool is_uncertain(const RecordOutcome& command) {
    return command.sent && command.outcome == AttemptOutcome::retryable &&
           (command.cause == AttemptCause::timed_out ||
            command.cause == AttemptCause::connection_lost);
}

void add_failure(const State& state, RowIndex row, const Run& run, const RecordOutcome& command,
                 const Context& context, Plan& plan) {
    const DeploymentId id = command.deployment;
    const std::uint32_t number = run.attempts.back().number;
    const Policies& policies = state.schedules().policies(state.schedules().at(row));
    AttemptFailed failed{id, number, command.cause, command.http_status, command.detail, {}};
    if (command.outcome == AttemptOutcome::retryable &&
        run.failures + 1 < policies.retry_max_attempts) {
        const Instant next = retry_at(run, policies, command, context);
        if (next <= run.start_deadline) {
            failed.retry_at = next;
            plan.add(std::move(failed));
            return;
        }
        failed.detail = past_deadline(next, run.start_deadline, command.detail);
    }
    if (is_uncertain(command)) {
        plan.add(OutcomeUnknown{id, number, command.cause, failed.detail});
        return;
    }
    const std::string detail = failed.detail;
    plan.add(std::move(failed));
    plan.end_run(row, DeploymentFailed{id, number, command.cause, command.http_status, detail},
                 ScheduleStatus::failed);
}

std::uint32_t last_number(const Run& run) {
    return run.attempts.empty() ? 0 : run.attempts.back().number;
}

}  // namespace

Decision decide(const State& state, const RequestDeployment& command, const Context& context) {
    std::vector<FieldError> errors;
    check_note("/note", command.note, errors);
    check_labels("/labels", command.labels, errors);
    check_policies(command.policies, errors);
    const App* const app = find_app(state, command.app, context);
    if (app == nullptr) {
        errors.push_back(
            {"/app", RejectionCode::unknown_app, "there is no app " + command.app.text()});
    } else if (app->archived) {
        errors.push_back({"/app", RejectionCode::app_archived, app->id.text() + " is archived"});
    }
    if (!errors.empty()) return reject(std::move(errors));
    if (state.installation().is_held()) {
        return reject(RejectionCode::dispatch_is_held, "dispatch is held; arm it first");
    }
    ScheduleText text;
    text.note = command.note;
    text.labels = command.labels;
    if (auto refused = check_growth(state, context.quotas, app->team, {0, 1, text_bytes(text)})) {
        return std::move(*refused);
    }
    const DeploymentId id{context.ids.next(context.now)};
    return Decided{
        app->team,
        {DeploymentRequested{id, app->id, command.policies, command.note, command.labels},
         DeploymentDue{id, context.now, context.now, app->definition_version(),
                       context.now + kStartDeadlineAfter}}};
}

Decision decide(const State& state, const StartAttempt& command, const Context& context) {
    const Run* const run = state.deployments().find(command.deployment);
    const RowIndex row = state.schedules().find(schedule_of(command.deployment));
    if (run == nullptr || row == kNoRow) return no_such_deployment(command.deployment);
    if (!run->ready_at || (!command.waited && *run->ready_at > context.now)) {
        return reject(RejectionCode::not_ready,
                      command.deployment.text() + " has no attempt to start now");
    }
    if (state.installation().is_held()) {
        return reject(RejectionCode::dispatch_is_held, "dispatch is held");
    }
    const ScheduleRow& known = state.schedules().at(row);
    const App& app = state.schedules().app_of(known);
    const Target& target = app.definition(known.app_version).target;
    return Decided{
        app.team,
        {AttemptStarted{command.deployment, last_number(*run) + 1, context.targets.summary(target),
                        context.now + Seconds{target.timeout_seconds}}}};
}

Decision decide(const State& state, const RecordOutcome& command, const Context& context) {
    const Run* const run = state.deployments().find(command.deployment);
    const RowIndex row = state.schedules().find(schedule_of(command.deployment));
    if (run == nullptr || row == kNoRow) return no_such_deployment(command.deployment);
    if (run->attempts.empty() || run->attempts.back().token != command.token ||
        run->attempts.back().state != AttemptState::started || run->ended_at) {
        return reject(RejectionCode::stale_attempt, "the attempt that started at position " +
                                                        std::to_string(command.token.value) +
                                                        " is not under way any more");
    }
    const std::uint32_t number = run->attempts.back().number;
    const ScheduleRow& known = state.schedules().at(row);
    const App& app = state.schedules().app_of(known);
    Plan plan{state, context};
    switch (command.outcome) {
        case AttemptOutcome::succeeded:
            plan.end_run(row,
                         DeploymentSucceeded{command.deployment, number, command.http_status,
                                             command.detail},
                         ScheduleStatus::succeeded);
            break;
        case AttemptOutcome::accepted: {
            const Target& target = app.definition(known.app_version).target;
            plan.add(AttemptAccepted{command.deployment, number, command.reference,
                                     context.now + Seconds{target.completion_timeout_seconds}});
            break;
        }
        case AttemptOutcome::retryable:
        case AttemptOutcome::failed:
            add_failure(state, row, *run, command, context, plan);
            break;
    }
    return std::move(plan).decision(app.team);
}

Decision decide(const State& state, const ReconcileInterrupted& command, const Context& context) {
    const Run* const run = state.deployments().find(command.deployment);
    const RowIndex row = state.schedules().find(schedule_of(command.deployment));
    if (run == nullptr || row == kNoRow) return no_such_deployment(command.deployment);
    const bool started =
        !run->attempts.empty() && run->attempts.back().state == AttemptState::started;
    const bool waits = !run->attempts.empty() && !run->ready_at && !run->ended_at &&
                       run->attempts.back().state == AttemptState::unknown &&
                       run->attempts.back().cause == AttemptCause::server_restarted;
    const bool held = state.installation().is_held();
    const ScheduleRow& known = state.schedules().at(row);
    const App& app = state.schedules().app_of(known);
    // The definition of a run that has ended may be gone.
    const auto resend_reason =
        run->ended_at ? std::nullopt
                      : context.targets.resend_reason(app.definition(known.app_version).target);
    if (run->ended_at || !(started || (waits && !held && resend_reason))) {
        return reject(RejectionCode::nothing_to_do, "no attempt was interrupted");
    }
    Plan plan{state, context};
    const std::uint32_t number = last_number(*run);
    if (started) {
        plan.add(OutcomeUnknown{command.deployment, number, AttemptCause::server_restarted,
                                "the server ended while the attempt was under way"});
    }
    if (!held && resend_reason) {
        plan.add(OutcomeReconciled{command.deployment, number, Verdict::resend, *resend_reason});
    }
    return std::move(plan).decision(app.team);
}

Decision decide(const State& state, const CompleteDeployment& command, const Context& context) {
    const RowIndex row = find_deployment(state, command.deployment, context);
    if (row == kNoRow) return no_such_deployment(command.deployment);
    std::vector<FieldError> errors;
    check_note("/detail", command.detail, errors);
    if (!errors.empty()) return reject(std::move(errors));
    const ScheduleRow& known = state.schedules().at(row);
    const auto wanted = command.succeeded ? ScheduleStatus::succeeded : ScheduleStatus::failed;
    Plan plan{state, context};
    const TeamId team = context.principal.team;
    if (known.status == wanted) return std::move(plan).decision(team);
    if (is_terminal(known.status)) {
        return reject(RejectionCode::already_ended,
                      command.deployment.text() + " is " + std::string{name_of(known.status)});
    }
    const Run* const run = state.deployments().find(command.deployment);
    if (run == nullptr || run->attempts.empty()) {
        return reject(RejectionCode::not_under_way,
                      command.deployment.text() + " has not been sent to its target yet");
    }
    const std::uint32_t number = last_number(*run);
    if (known.status == ScheduleStatus::unknown) {
        plan.add(OutcomeReconciled{command.deployment, number,
                                   command.succeeded ? Verdict::succeeded : Verdict::failed,
                                   command.detail});
    }
    if (command.succeeded) {
        plan.end_run(row, DeploymentSucceeded{command.deployment, number, 0, command.detail},
                     wanted);
    } else {
        plan.end_run(
            row,
            DeploymentFailed{command.deployment, number, AttemptCause::reported, 0, command.detail},
            wanted);
    }
    return std::move(plan).decision(team);
}

Decision decide(const State& state, const AbortDeployment& command, const Context& context) {
    const RowIndex row = find_deployment(state, command.deployment, context);
    if (row == kNoRow) return no_such_deployment(command.deployment);
    std::vector<FieldError> errors;
    check_note("/reason", command.note, errors);
    if (!errors.empty()) return reject(std::move(errors));
    const ScheduleRow& known = state.schedules().at(row);
    Plan plan{state, context};
    if (known.status == ScheduleStatus::aborted) {
        return std::move(plan).decision(context.principal.team);
    }
    if (is_terminal(known.status)) {
        return reject(RejectionCode::already_ended,
                      command.deployment.text() + " is " + std::string{name_of(known.status)});
    }
    if (is_pending(known.status)) {
        return reject(RejectionCode::not_under_way,
                      command.deployment.text() + " is not due yet; cancel its schedule instead");
    }
    plan.end_run(row, DeploymentAborted{command.deployment, command.note}, ScheduleStatus::aborted);
    return std::move(plan).decision(context.principal.team);
}

}  // namespace slipway
