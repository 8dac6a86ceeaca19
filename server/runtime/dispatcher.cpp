#include "server/runtime/dispatcher.h"

#include "eventlog/base/check.h"
#include "eventlog/base/origin.h"
#include "eventlog/base/overloaded.h"
#include "eventlog/base/trace.h"
#include "projections/render.h"
#include "server/runtime/server_principal.h"
#include "server/runtime/timer.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

Principal executor_principal() {
    return {Actor{ActorKind::executor, {}, {}}, {}, false};
}

AttemptOutcome outcome_of(AttemptResult::Kind kind) {
    switch (kind) {
        case AttemptResult::Kind::succeeded:
            return AttemptOutcome::succeeded;
        case AttemptResult::Kind::accepted:
            return AttemptOutcome::accepted;
        case AttemptResult::Kind::retryable:
            return AttemptOutcome::retryable;
        case AttemptResult::Kind::failed:
            return AttemptOutcome::failed;
    }
    return AttemptOutcome::failed;
}

const Target& target_of(const Schedules& schedules, RowIndex row) {
    const ScheduleRow& known = schedules.at(row);
    return schedules.app_of(known).definition(known.app_version).target;
}

}  // namespace

const Credential* credential_of(const State& state, RowIndex row) {
    const ScheduleRow& known = state.schedules().at(row);
    const App& app = state.schedules().app_of(known);
    const AppDefinition* const definition = app.find_definition(known.app_version);
    if (definition == nullptr || !definition->target.credential) return nullptr;
    return state.teams().find(app.team, *definition->target.credential);
}

Dispatcher::Dispatcher(CommandLane& lane, Executor& executor, const TargetSecrets& secrets,
                       Options options)
    : lane_(lane), executor_(executor), secrets_(secrets), options_(options) {
    lane_.observe([this](const RecordedEvent& recorded) { observe(recorded); });
}

void Dispatcher::recover() {
    recover_due_ = false;
    for (const DeploymentId id : lane_.state().deployments().open()) {
        if (under_way_.contains(id)) continue;
        const Run* const run = lane_.state().deployments().find(id);
        if (run->ready_at) {
            add_ready(id, *run->ready_at, lane_.state().position());
            continue;
        }
        const auto submitted =
            lane_.submit(ReconcileInterrupted{id}, kServerPrincipal, {}, Urgency::closing);
        if (std::holds_alternative<Error>(submitted)) recover_due_ = true;
    }
}

// What becomes ready does so in events, whoever caused them.
void Dispatcher::observe(const RecordedEvent& recorded) {
    // Somebody else than the executor said how it ended.
    const bool told = recorded.envelope.actor.kind != ActorKind::executor;
    std::visit(Overloaded{
                   [&](const DeploymentDue& e) {
                       add_ready(e.deployment, recorded.envelope.recorded_at, recorded.position);
                   },
                   [&](const AttemptFailed& e) {
                       if (e.retry_at) add_ready(e.deployment, *e.retry_at, recorded.position);
                   },
                   [&](const OutcomeReconciled& e) {
                       if (e.verdict != Verdict::resend) return;
                       add_ready(e.deployment, recorded.envelope.recorded_at, recorded.position);
                   },
                   [&](const DeploymentSucceeded& e) {
                       if (told) give_up(e.deployment);
                   },
                   [&](const DeploymentFailed& e) {
                       if (told) give_up(e.deployment);
                   },
                   [&](const DeploymentAborted& e) { give_up(e.deployment); },
                   [&](const DispatchHeld&) { withhold(); },
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

void Dispatcher::add_ready(DeploymentId id, Instant at, Position position) {
    lane_.when_durable(position, [this, id, at](const Result<void>& durable) {
        const Schedules& schedules = lane_.state().schedules();
        const RowIndex row = schedules.find(schedule_of(id));
        if (!durable || row == kNoRow) return;
        const ScheduleRow& known = schedules.at(row);
        ready_.insert({at, id, schedules.app_of(known).id, schedules.team_of(known)});
    });
}

Instant Dispatcher::tick(Instant now) {
    retry_outcomes();
    if (!unrecorded_.empty()) return now + kBusyWait;
    if (stopping_ || lane_.state().installation().is_held()) return kNever;
    if (recover_due_) recover();
    while (!ready_.empty() && under_way_.size() < options_.attempts_max) {
        const Ready first = *ready_.begin();
        if (first.at > now) return first.at;
        ready_.erase(ready_.begin());
        if (start(first, now)) continue;
        ready_.insert(first);
        return now + kBusyWait;
    }
    return recover_due_ ? now + kBusyWait : kNever;
}

// False if the log takes no more for now.
bool Dispatcher::start(const Ready& ready, Instant now) {
    const DeploymentId id = ready.id;
    if (under_way_.contains(id) || park(ready)) return true;
    const Submitted submitted =
        lane_.submit(StartAttempt{id}, executor_principal(), {}, Urgency::due);
    if (std::holds_alternative<Error>(submitted)) return false;
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt == nullptr) {
        // It ended meanwhile; or it is not ready yet after all, since the clock was set back.
        const Run* const run = lane_.state().deployments().find(id);
        if (run != nullptr && run->ready_at) {
            const Instant later = std::max(*run->ready_at, now + kBusyWait);
            ready_.insert({later, id, ready.app, ready.team});
        }
        unpark(ready.app, ready.team);
        return true;
    }
    const Position token = receipt->position;
    under_way_[id] = {token, ready.app, ready.team, false};
    ++of_app_[ready.app].under_way;
    ++of_team_[ready.team].under_way;
    lane_.when_durable(token, [this, id, token](const Result<void>& durable) {
        if (durable) send(id, token);
    });
    return true;
}

bool Dispatcher::park(const Ready& ready) {
    Share& of_app = of_app_[ready.app];
    Share& of_team = of_team_[ready.team];
    if (of_app.under_way >= options_.attempts_per_app_max) {
        of_app.parked.insert(ready);
    } else if (of_team.under_way >= options_.attempts_per_team_max) {
        of_team.parked.insert(ready);
    } else {
        return false;
    }
    return true;
}

// It stands where it stood among all that is ready: what waited longest goes first.
template <class SomeId>
void Dispatcher::unpark(absl::flat_hash_map<SomeId, Share>& shares, SomeId of, std::size_t max) {
    const auto at = shares.find(of);
    if (at == shares.end()) return;
    Share& share = at->second;
    if (share.under_way < max && !share.parked.empty()) {
        ready_.insert(*share.parked.begin());
        share.parked.erase(share.parked.begin());
    }
    if (share.under_way == 0 && share.parked.empty()) shares.erase(at);
}

void Dispatcher::unpark(AppId app, TeamId team) {
    unpark(of_app_, app, options_.attempts_per_app_max);
    unpark(of_team_, team, options_.attempts_per_team_max);
}

void Dispatcher::send(DeploymentId id, Position token) {
    const auto at = under_way_.find(id);
    if (at == under_way_.end() || at->second.token != token) return;  // aborted meanwhile
    if (lane_.state().installation().is_held()) {
        withheld_.push_back(id);
        return;
    }
    at->second.sent = true;
    executor_.start(request_for(id, token), [this, id, token](AttemptResult result) {
        RecordOutcome outcome;
        outcome.deployment = id;
        outcome.token = token;
        outcome.outcome = outcome_of(result.kind);
        outcome.cause = result.cause;
        outcome.http_status = static_cast<std::uint32_t>(result.http_status);
        outcome.sent = result.sent;
        outcome.retry_after = result.retry_after;
        outcome.reference = std::move(result.reference);
        outcome.detail = std::move(result.detail);
        finish(std::move(outcome));
    });
}

// What has not left yet does not leave while dispatch is held.
void Dispatcher::withhold() {
    for (const Position token : executor_.take_back()) {
        for (auto& [id, attempt] : under_way_) {
            if (attempt.token != token) continue;
            attempt.sent = false;
            withheld_.push_back(id);
        }
    }
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
    if (at->second.sent) executor_.cancel(at->second.token);
    leave(id);
}

void Dispatcher::finish(RecordOutcome outcome) {
    const auto at = under_way_.find(outcome.deployment);
    if (at == under_way_.end() || at->second.token != outcome.token) return;
    const Submitted submitted = lane_.submit(outcome, executor_principal(), {}, Urgency::closing);
    if (std::holds_alternative<Error>(submitted)) {
        unrecorded_.push_back(std::move(outcome));
        return;
    }
    if (const auto* const rejection = std::get_if<Rejection>(&submitted)) {
        trace(TraceLevel::info, "dispatcher: outcome of " + outcome.deployment.text() +
                                    " not recorded: " + rejection->detail);
    }
    leave(outcome.deployment);
}

void Dispatcher::leave(DeploymentId id) {
    const auto at = under_way_.find(id);
    CHECK(at != under_way_.end());
    const UnderWay left = at->second;
    under_way_.erase(at);
    --of_app_[left.app].under_way;
    --of_team_[left.team].under_way;
    unpark(left.app, left.team);
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
    if (under_way_.empty()) {
        drained();
    } else {
        drained_ = std::move(drained);
    }
}

std::size_t Dispatcher::parked() const {
    std::size_t count = 0;
    for (const auto& [id, share] : of_app_) count += share.parked.size();
    for (const auto& [id, share] : of_team_) count += share.parked.size();
    return count;
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
    if (credential->origin != origin_of(target.url)) {
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

AttemptRequest Dispatcher::request_for(DeploymentId id, Position token) const {
    const State& state = lane_.state();
    const RowIndex index = state.schedules().find(schedule_of(id));
    CHECK(index != kNoRow);
    const ScheduleRow& row = state.schedules().at(index);
    const App& app = state.schedules().app_of(row);
    const Target& target = target_of(state.schedules(), index);
    const Attempt& attempt = state.deployments().find(id)->attempts.back();
    AttemptRequest request;
    request.schedule = row.id;
    request.token = token;
    request.number = attempt.number;
    request.url = target.url;
    request.timeout = Seconds{target.timeout_seconds};
    request.traceparent = state.schedules().text(index).traceparent;
    request.signing_secrets = secrets_.signing_secrets(app, attempt.started_at);
    if (target.credential) request.authorize = [this, id] { return authorize(id); };
    request.body = webhook_body(view_of(state), index, attempt.started_at,
                                public_url_ + "/v1/deployments/" + id.text() + "/complete",
                                secrets_.callback_token(id));
    return request;
}

}  // namespace slipway
