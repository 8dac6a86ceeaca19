// Those who ask of a Simulation: people, clients that repeat themselves, and targets that report.

#include "server/domain/occurrence.h"
#include "tests/simulation/process.h"

#include <array>
#include <utility>

namespace slipway {

namespace {

using namespace std::chrono_literals;

// The apps of the world that schedules are of; those after the first are depended on.
constexpr std::array kApps = {kApi, kDb, kUi};
constexpr std::size_t kOpenMax = 40;  // scheduled at once, so that each is often dealt with

const Principal kSomebody{Actor{ActorKind::user, kAlice, {}}, kOps, true};
const Principal kTarget{Actor{ActorKind::target, {}, {}}, kOps, false};
const Principal kExecutor{Actor{ActorKind::executor, {}, {}}, {}, false};

constexpr std::array kZones = {"UTC", "UTC", "America/New_York", "US/Eastern", "Europe/Berlin"};

}  // namespace

Submitted Simulation::submit(const Command& command) {
    return process_->engine->submit(command, kSomebody, {"request-1", {}, {}});
}

// What a client is told once it is durable can never be taken back.
void Simulation::acknowledge(const Submitted& submitted, std::optional<ScheduleId> cancelled) {
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt == nullptr) return;
    const Position position = receipt->position;
    process_->engine->when_durable(
        position, [this, position, cancelled](const Result<void>& result) {
            if (!result) return;
            if (process_->has_failed)
                witness_.fail("something is acknowledged after a write failed");
            witness_.see_durable(position);
            if (cancelled) witness_.see_cancelled(*cancelled);
        });
}

void Simulation::ask() {
    const auto& schedules = witness_.schedules();
    const std::size_t open = process_->state().schedules().open_of(kOps).size();
    if (!schedules.empty() && (open >= kOpenMax || chance(3))) {
        // The newer, the likelier: of the old ones most have ended.
        const std::size_t back = std::min<std::size_t>(below(1 + below(60)), schedules.size() - 1);
        return change(schedules[schedules.size() - 1 - back]);
    }
    if (open >= kOpenMax) return;
    if (chance(15)) return change_credential();
    if (chance(12)) {
        const bool held = process_->state().installation().is_held();
        return acknowledge(submit(held ? Command{ArmDispatch{}} : Command{HoldDispatch{}}));
    }
    if (chance(6)) {
        RequestDeployment request;
        request.app = kApps[below(kApps.size())];
        request.policies = some_policies();
        return acknowledge(submit(request));
    }
    acknowledge(submit(some_schedule()));
}

// A credential is stored, and named by an app from now on; or it is deleted, though attempts that
// are to show it wait.
void Simulation::change_credential() {
    const State& state = process_->state();
    const auto& stored = state.teams().find(kOps)->credentials;
    if (!stored.empty() && chance(2)) {
        const auto chosen =
            std::next(stored.begin(), static_cast<std::ptrdiff_t>(below(stored.size())));
        return acknowledge(submit(ShredCredential{kOps, chosen->first, true}));
    }
    const AppId app = kApps[below(kApps.size())];
    AppDefinition definition = state.apps().find(app)->definition();
    StoreCredential wanted{
        kOps, "key-" + std::to_string(++credentials_), CredentialKind::bearer, {}, {}, {}, {}};
    wanted.origin = definition.target.url;
    const Submitted submitted = submit(wanted);
    acknowledge(submitted);
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt == nullptr) return;
    definition.target.credential = std::get<CredentialStored>(receipt->events.front()).credential;
    acknowledge(submit(ReviseApp{app, definition}));
}

void Simulation::change(ScheduleId id) {
    using Change = Command (*)(Simulation&, ScheduleId);
    static constexpr Change kCancel = [](Simulation&, ScheduleId of) -> Command {
        return CancelDeployment{of, {}};
    };
    static constexpr std::array<Change, 8> kChanges = {
        kCancel,
        kCancel,
        [](Simulation& world, ScheduleId of) -> Command {
            return CompleteDeployment{deployment_of(of), !world.chance(3), {}};
        },
        [](Simulation& world, ScheduleId of) -> Command {
            return HoldDeployment{of, {}, world.chance(3)};
        },
        [](Simulation&, ScheduleId of) -> Command {
            return ReleaseDeployment{of, {}};
        },
        [](Simulation& world, ScheduleId of) -> Command {
            return RunNow{of, world.chance(3)};
        },
        [](Simulation&, ScheduleId of) -> Command {
            return AbortDeployment{deployment_of(of), {}};
        },
        [](Simulation& world, ScheduleId of) -> Command {
            return RescheduleDeployment{of, world.some_time(7'200), world.some_policies(), {}, {}};
        },
    };
    const Command command = kChanges[below(kChanges.size())](*this, id);
    const bool cancels = std::holds_alternative<CancelDeployment>(command);
    acknowledge(submit(command), cancels ? std::optional{id} : std::nullopt);
}

// A target calls back, and perhaps again: it may not have heard the answer, or have changed its
// mind.
void Simulation::report() {
    if (reports_.empty()) return;
    const std::size_t index = below(reports_.size());
    Report& chosen = reports_[index];
    const CompleteDeployment command{chosen.deployment, chosen.succeeded, {}};
    acknowledge(process_->engine->submit(command, kTarget, {"request-2", {}, {}}));
    if (chance(8)) {
        chosen.succeeded = !chosen.succeeded;
    } else if (!chance(3)) {
        reports_.erase(reports_.begin() + static_cast<std::ptrdiff_t>(index));
    }
}

// An answer comes once more, or of an attempt that was given up long ago, or with a token that
// nobody has given: nothing comes of it.
void Simulation::tell_outcome_again() {
    if (attempts_.empty()) return;
    RecordOutcome outcome;
    std::tie(outcome.deployment, outcome.token) =
        attempts_[attempts_.size() - 1 - below(std::min<std::size_t>(attempts_.size(), 50))];
    if (chance(4)) outcome.token.value += 1 + below(3);
    if (chance(2)) outcome.outcome = AttemptOutcome::failed;
    const Run* const run = process_->state().deployments().find(outcome.deployment);
    if (run != nullptr && !run->attempts.empty() && run->attempts.back().is_open() &&
        run->attempts.back().token == outcome.token) {
        return;  // it is the one that is waited for
    }
    const auto submitted = process_->engine->submit(outcome, kExecutor);
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt != nullptr && !receipt->events.empty()) {
        witness_.fail("the outcome of another attempt is taken: " + outcome.deployment.text());
    }
}

// A client that asks until it has an answer, also of another process.
void Simulation::ask_with_key() {
    if (keyed_.empty() || chance(4)) {
        const std::string key = "key-" + std::to_string(++keys_);
        Keyed& made = keyed_[key];
        made.request.method = Method::post;
        made.request.target = "/v1/scheduled_deployments";
        made.request.idempotency_key = key;
        made.at = some_time(300'000);
    }
    auto chosen = keyed_.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(below(keyed_.size())));
    Keyed& keyed = chosen->second;
    const Reply reply = process_->idempotency->once(
        keyed.request, Idempotency::keyed(keyed.request, "alice", kOps),
        [&]() -> Idempotency::Answer {
            ScheduleDeployment command;
            command.app = kApi;
            command.at = keyed.at;
            command.note = keyed.request.idempotency_key;
            const Submitted submitted = submit(command);
            Idempotency::Answer made;
            made.reply.status = 422;
            if (const auto* const receipt = std::get_if<Receipt>(&submitted)) {
                made.unit = receipt->unit();
                made.reply.status = 201;
                made.reply.body =
                    std::get<DeploymentScheduled>(receipt->events.front()).schedule.text();
            }
            return made;
        });
    if (reply.status != 201) return;
    const Position position = process_->state().position();
    process_->engine->when_durable(position, [this, position](const Result<void>& result) {
        if (result) witness_.see_durable(position);
    });
}

// What the clocks of some zone will show, or would show if they were not put forward.
WallClock Simulation::some_time(std::uint64_t seconds_max) {
    const std::string zone = kZones[below(kZones.size())];
    LocalTime shown = wall_at(clock_.now(), *process_->engine->zones().find(zone)->rules);
    shown += Seconds{1 + below(seconds_max)};
    return {shown, zone, static_cast<Disambiguation>(below(4))};
}

ScheduleDeployment Simulation::some_schedule() {
    ScheduleDeployment made;
    made.app = kApi;
    made.at = some_time(chance(8) ? 90'000'000 : 3'600);
    made.dependencies = some_dependencies(0);
    made.latest_version = chance(2);
    made.policies = some_policies();
    return made;
}

std::vector<Dependency> Simulation::some_dependencies(std::size_t depth) {
    std::vector<Dependency> made;
    for (std::uint64_t left = below(3); left > 0 && depth + 1 < kApps.size(); --left) {
        made.push_back({kApps[depth + 1],
                        static_cast<std::uint32_t>(60 * (left + below(20))),
                        {},
                        "/dependency"});
        made.back().dependencies = some_dependencies(depth + 1);
    }
    return made;
}

Policies Simulation::some_policies() {
    Policies made;
    made.on_dependency_failure = static_cast<DependencyFailurePolicy>(below(3));
    made.misfire_then = static_cast<MisfireAction>(below(3));
    made.misfire_grace_seconds = static_cast<std::uint32_t>(below(2) * 900);
    made.dependency_timeout_seconds = static_cast<std::uint32_t>(1 + below(1'800));
    made.retry_max_attempts = static_cast<std::uint32_t>(1 + below(4));
    return made;
}

}  // namespace slipway
