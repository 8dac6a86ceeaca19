#include "server/engine/dispatcher.h"

#include "eventlog/base/check.h"
#include "eventlog/base/overloaded.h"
#include "eventlog/base/trace.h"
#include "eventlog/events/target_settings.h"
#include "projections/render.h"
#include "server/engine/server_principal.h"
#include "server/engine/timer.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

// Starts in one tick, so that a crowd that is ready does not keep HTTP from its turn.
constexpr std::size_t kStartsPerTickMax = 250;

Principal executor_principal() {
    return {Actor{ActorKind::executor, {}, {}}, {}, false};
}

const Target& target_of(const Schedules& schedules, RowIndex row) {
    const ScheduleRow& known = schedules.at(row);
    return schedules.app_of(known).definition(known.app_version).target;
}

// What is left of the pause before a run's next attempt, when only wall clocks are known: never
// more than the pause was, though the clock was set back since.
Millis pause_left(const Run& run, Instant now) {
    const bool first = run.attempts.empty() || !run.attempts.back().ended_at;
    const Instant began = first ? *run.ready_at : *run.attempts.back().ended_at;
    const Millis most = std::max(*run.ready_at - began, Millis{0});
    return std::clamp(*run.ready_at - now, Millis{0}, most);
}

// Of an attempt that had nothing to show its target.
RecordOutcome not_authorized(DeploymentId id, Position token, const Error& error) {
    RecordOutcome outcome;
    const bool for_good = error.code == ErrorCode::not_found;
    outcome.deployment = id;
    outcome.token = token;
    outcome.outcome = for_good ? AttemptOutcome::failed : AttemptOutcome::retryable;
    outcome.cause = AttemptCause::credential_missing;
    outcome.detail = error.message;
    return outcome;
}

// The outcome that `step` is, with the target's words as they may be kept.
RecordOutcome outcome_of(const Step& step, const Answer& answer) {
    RecordOutcome outcome;
    outcome.cause = AttemptCause::answered;
    outcome.http_status = static_cast<std::uint32_t>(answer.http_status());
    outcome.sent = answer.sent();
    std::visit(Overloaded{
                   [&](const Accepted& accepted) {
                       outcome.outcome = AttemptOutcome::accepted;
                       outcome.reference = answer.kept(accepted.reference, kReferenceBytesMax);
                   },
                   [&](const Succeeded&) { outcome.outcome = AttemptOutcome::succeeded; },
                   [&](const Refused& refused) {
                       outcome.outcome = refused.is_retryable ? AttemptOutcome::retryable
                                                              : AttemptOutcome::failed;
                       outcome.cause = refused.cause;
                       outcome.retry_after = refused.retry_after;
                       outcome.detail = answer.kept(refused.detail, kDetailBytesMax);
                   },
                   [&](const Ask&) {
                       outcome.outcome = AttemptOutcome::failed;
                       outcome.detail = "no end after " + std::to_string(kAsksPerAttemptMax) +
                                        " requests to the target";
                   },
               },
               step);
    return outcome;
}

}  // namespace

const Credential* credential_of(const State& state, RowIndex row) {
    const ScheduleRow& known = state.schedules().at(row);
    const App& app = state.schedules().app_of(known);
    const AppDefinition* const definition = app.find_definition(known.app_version);
    if (definition == nullptr || !definition->target.credential) return nullptr;
    return state.teams().find(app.team, *definition->target.credential);
}

Dispatcher::Dispatcher(CommandLane& lane, const Kinds& kinds, const TargetSecrets& secrets,
                       const Clock& clock, AttemptLimits limits, CallbackUrl callback_url)
    : lane_(lane),
      kinds_(kinds),
      secrets_(secrets),
      clock_(clock),
      callback_url_(std::move(callback_url)),
      shares_(limits) {
    lane_.observe([this](const RecordedEvent& recorded) { observe(recorded); });
}

void Dispatcher::recover() {
    recover_due_ = false;
    for (const DeploymentId id : lane_.state().deployments().open()) {
        if (under_way_.contains(id)) continue;
        const Run* const run = lane_.state().deployments().find(id);
        if (run->ready_at) {
            add_ready(id, pause_left(*run, clock_.now()), lane_.state().position());
            continue;
        }
        const auto submitted = lane_.submit(ReconcileInterrupted{id}, kServerPrincipal);
        if (std::holds_alternative<Error>(submitted)) recover_due_ = true;
    }
}

// What becomes ready does so in events, whoever caused them.
void Dispatcher::observe(const RecordedEvent& recorded) {
    // Somebody else than the executor said how it ended.
    const bool told = recorded.envelope.actor.kind != ActorKind::executor;
    std::visit(
        Overloaded{
            [&](const DeploymentDue& e) { add_ready(e.deployment, Millis{0}, recorded.position); },
            [&](const AttemptFailed& e) {
                if (!e.retry_at) return;
                add_ready(e.deployment, *e.retry_at - recorded.envelope.recorded_at,
                          recorded.position);
            },
            [&](const OutcomeReconciled& e) {
                if (e.verdict != Verdict::resend) return;
                add_ready(e.deployment, Millis{0}, recorded.position);
            },
            [&](const DeploymentSucceeded& e) {
                if (told) give_up(e.deployment);
            },
            [&](const DeploymentFailed& e) {
                if (told) give_up(e.deployment);
            },
            [&](const DeploymentAborted& e) { give_up(e.deployment); },
            [&](const DispatchArmed&) {
                recover_due_ = true;
                lane_.when_durable(recorded.position, [this](const Result<void>& durable) {
                    if (durable) send_withheld();
                });
            },
            [](const auto&) {},
        },
        recorded.event);
}

void Dispatcher::add_ready(DeploymentId id, Millis pause, Position position) {
    const Moment end = clock_.monotonic() + pause;
    lane_.when_durable(position, [this, id, end](const Result<void>& durable) {
        if (!durable || !ready_.try_emplace(id, Ready::in_pause).second) return;
        if (end > clock_.monotonic()) {
            pauses_.emplace(end, id);
        } else {
            enqueue(id, end);
        }
    });
}

void Dispatcher::enqueue(DeploymentId id, Moment since) {
    const Schedules& schedules = lane_.state().schedules();
    const RowIndex row = schedules.find(schedule_of(id));
    const Run* const run = lane_.state().deployments().find(id);
    if (row == kNoRow || run == nullptr || !run->ready_at) {
        ready_.erase(id);  // it ended during the pause
        return;
    }
    ready_[id] = Ready::in_queue;
    queue_.add({since, id, owner_of(row)});
}

Instant Dispatcher::tick(Instant now) {
    retry_outcomes();
    if (!unrecorded_.empty()) return now + kBusyWait;
    tell_if_drained();
    if (stopping_ || lane_.state().installation().is_held()) return kNever;
    if (recover_due_) recover();
    const Moment here = clock_.monotonic();
    while (!pauses_.empty() && pauses_.begin()->first <= here) {
        const auto [end, id] = *pauses_.begin();
        pauses_.erase(pauses_.begin());
        enqueue(id, end);
    }
    for (std::size_t started = 0; const auto ready = queue_.next();) {
        if (!start(*ready)) {
            queue_.add(*ready);
            return now + kBusyWait;
        }
        if (++started == kStartsPerTickMax) return now;
    }
    if (recover_due_) return now + kBusyWait;
    if (pauses_.empty()) return kNever;
    return now + date::ceil<Millis>(pauses_.begin()->first - here);
}

// False if the log takes no more for now.
bool Dispatcher::start(const ReadyAttempt& ready) {
    const DeploymentId id = ready.deployment;
    const Submitted submitted = lane_.submit(StartAttempt{id, true}, executor_principal());
    if (std::holds_alternative<Error>(submitted)) return false;
    ready_.erase(id);
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt == nullptr) return true;  // it ended meanwhile
    const Position token = receipt->position;
    shares_.take(ready.owner);
    under_way_[id] = {token, ready.owner, false};
    lane_.when_durable(token, [this, id, token](const Result<void>& durable) {
        if (durable) send(id, token);
    });
    return true;
}

void Dispatcher::send(DeploymentId id, Position token) {
    const auto at = under_way_.find(id);
    if (at == under_way_.end() || at->second.token != token) return;  // aborted meanwhile
    if (lane_.state().installation().is_held()) {
        withheld_.push_back(id);
        return;
    }
    const Executor& executor = executor_of(lane_.state().schedules().find(schedule_of(id)));
    if (!hand_out(id, executor.begin(work_for(id, token)))) return;
    const Run& run = *lane_.state().deployments().find(id);
    if (run.attempts.back().number == 1 && first_sent_) {
        // The wall clock may have been set back between.
        first_sent_(std::max(clock_.now() - run.due_at, Millis{0}));
    }
}

// Hands the request out with the keys of this moment: nothing is shown that was rotated or deleted
// while the deployment waited. Without keys it ends the attempt and returns false.
bool Dispatcher::hand_out(DeploymentId id, Ask ask) {
    UnderWay& attempt = under_way_.at(id);
    const RowIndex row = lane_.state().schedules().find(schedule_of(id));
    auto keys = keys_for(id);
    if (!keys) {
        RecordOutcome outcome = not_authorized(id, attempt.token, keys.error());
        outcome.sent = attempt.sent;
        finish(std::move(outcome));
        return false;
    }
    attempt.sent = true;
    attempt.step = ask.step;
    ++attempt.asks;
    ask.request.timeout = Seconds{target_of(lane_.state().schedules(), row).timeout_seconds};
    requests_.to_send.push_back(
        {id, attempt.token, &executor_of(row), std::move(ask), std::move(*keys)});
    return true;
}

void Dispatcher::record(DeploymentId id, Position token, const Answer& answer) {
    const auto at = under_way_.find(id);
    if (at == under_way_.end() || at->second.token != token) return;
    const Executor& executor = executor_of(lane_.state().schedules().find(schedule_of(id)));
    Step step = executor.read(work_for(id, token), at->second.step, answer);
    auto* const next = std::get_if<Ask>(&step);
    if (next != nullptr && at->second.asks < kAsksPerAttemptMax) {
        hand_out(id, std::move(*next));
        return;
    }
    RecordOutcome outcome = outcome_of(step, answer);
    outcome.deployment = id;
    outcome.token = token;
    finish(std::move(outcome));
}

void Dispatcher::send_withheld() {
    for (const DeploymentId id : std::exchange(withheld_, {})) {
        const auto at = under_way_.find(id);
        if (at != under_way_.end() && !at->second.sent) send(id, at->second.token);
    }
}

void Dispatcher::give_up(DeploymentId id) {
    const auto at = under_way_.find(id);
    if (at == under_way_.end()) return;
    if (at->second.sent) take_back(at->second.token);
    leave(id);
}

void Dispatcher::take_back(Position token) {
    const auto is_its = [token](const OutgoingRequest& request) { return request.token == token; };
    if (std::erase_if(requests_.to_send, is_its) == 0) requests_.to_give_up.push_back(token);
}

void Dispatcher::finish(RecordOutcome outcome) {
    const auto at = under_way_.find(outcome.deployment);
    if (at == under_way_.end() || at->second.token != outcome.token) return;
    const Submitted submitted = lane_.submit(outcome, executor_principal());
    if (std::holds_alternative<Error>(submitted)) {
        unrecorded_.push_back(std::move(outcome));
        return;
    }
    if (const auto* const rejection = std::get_if<Rejection>(&submitted)) {
        trace(TraceLevel::info, "dispatcher: outcome of " + outcome.deployment.text() +
                                    " not recorded: " + rejection->detail);
    }
    leave(outcome.deployment);
    tell_if_drained();
}

void Dispatcher::leave(DeploymentId id) {
    const auto at = under_way_.find(id);
    CHECK(at != under_way_.end());
    shares_.give_back(at->second.owner);
    under_way_.erase(at);
}

void Dispatcher::tell_if_drained() {
    if (stopping_ && under_way_.empty() && drained_) std::exchange(drained_, nullptr)();
}

void Dispatcher::retry_outcomes() {
    for (std::size_t i = unrecorded_.size(); i-- > 0;) {
        RecordOutcome outcome = std::move(unrecorded_.front());
        unrecorded_.pop_front();
        finish(std::move(outcome));
    }
}

void Dispatcher::stop(std::function<void()> drained) {
    stopping_ = true;
    // The next start reconciles what was never sent.
    for (const DeploymentId id : std::exchange(withheld_, {})) give_up(id);
    drained_ = std::move(drained);
    tell_if_drained();
}

std::string_view Dispatcher::waits_for(RowIndex row) const {
    const DeploymentId id = deployment_of(lane_.state().schedules().at(row).id);
    const auto ready = ready_.find(id);
    if (ready == ready_.end()) return {};
    if (lane_.state().installation().is_held()) return "dispatch";
    const Run* const run = lane_.state().deployments().find(id);
    if (run == nullptr || !run->ready_at) return {};
    if (ready->second == Ready::in_pause) return "retry";
    return name_of(shares_.wait_of(owner_of(row)));
}

std::chrono::nanoseconds Dispatcher::oldest_wait() const {
    const auto oldest = queue_.oldest();
    return oldest ? clock_.monotonic() - *oldest : std::chrono::nanoseconds{0};
}

Result<Authorization> Dispatcher::authorize(DeploymentId id) const {
    const Schedules& schedules = lane_.state().schedules();
    const RowIndex row = schedules.find(schedule_of(id));
    CHECK(row != kNoRow);
    if (is_terminal(schedules.at(row).status)) {
        return Error{ErrorCode::not_found, id.text() + " has ended"};
    }
    const Target& target = target_of(schedules, row);
    const Credential* const credential = credential_of(lane_.state(), row);
    if (credential == nullptr) {
        return Error{ErrorCode::not_found, target.credential->text() + " was deleted"};
    }
    // It was so when the target was named; and a secret leaves here.
    if (credential->origin != executor_of(row).origin(settings_of(target))) {
        return Error{ErrorCode::not_found,
                     target.credential->text() + " is for " + credential->origin + " only"};
    }
    auto found = secrets_.authorization(*credential);
    if (found) return found;
    trace(TraceLevel::error, "dispatcher: " + id.text() + ": " + found.error().message);
    return Error{
        found.error().code,
        "the key of " + target.credential->text() +
            (found.error().code == ErrorCode::not_found ? " is lost" : " cannot be read now")};
}

// Errors: of authorize().
Result<Keys> Dispatcher::keys_for(DeploymentId id) const {
    const Schedules& schedules = lane_.state().schedules();
    const RowIndex row = schedules.find(schedule_of(id));
    const Attempt& attempt = lane_.state().deployments().find(id)->attempts.back();
    Keys keys;
    keys.signing_secrets =
        secrets_.signing_secrets(schedules.app_of(schedules.at(row)), attempt.started_at);
    if (!target_of(schedules, row).credential) return keys;
    auto authorization = authorize(id);
    if (!authorization) return authorization.error();
    keys.authorization = std::move(*authorization);
    return keys;
}

Work Dispatcher::work_for(DeploymentId id, Position token) const {
    const State& state = lane_.state();
    const RowIndex row = state.schedules().find(schedule_of(id));
    CHECK(row != kNoRow);
    return {
        .view = view_of(state),
        .row = row,
        .deployment = id,
        .settings = settings_of(target_of(state.schedules(), row)),
        .token = token,
        .started_at = state.deployments().find(id)->attempts.back().started_at,
        .traceparent = state.schedules().text(row).traceparent,
        .callback_url = callback_url_ ? callback_url_(id) : std::string{},
        .callback_token = secrets_.callback_token(id),
    };
}

const Executor& Dispatcher::executor_of(RowIndex row) const {
    return kinds_.at(target_of(lane_.state().schedules(), row).kind);
}

AttemptOwner Dispatcher::owner_of(RowIndex row) const {
    const Schedules& schedules = lane_.state().schedules();
    const ScheduleRow& known = schedules.at(row);
    return {schedules.created_by(known), schedules.team_of(known), schedules.app_of(known).id,
            executor_of(row).origin(settings_of(target_of(schedules, row)))};
}

}  // namespace slipway
