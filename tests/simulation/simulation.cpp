#include "tests/simulation/simulation.h"

#include "eventlog/base/overloaded.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "eventlog/log/keys.h"
#include "tests/support/invariants.h"

#include <utility>

namespace slipway {

namespace {

using namespace std::chrono_literals;

// The apps of the world that schedules are of; those after the first are depended on.
constexpr std::array kApps = {kApi, kDb, kUi};
constexpr std::size_t kOpenMax = 40;  // scheduled at once, so that each is often dealt with

const Principal kSomebody{Actor{ActorKind::user, kAlice, {}}, kOps, true};

class NoSecrets : public TargetSecrets {
  public:
    std::vector<std::string> signing_secrets(const App&, Instant) const override { return {"key"}; }
    std::string callback_token(DeploymentId id) const override { return id.text(); }
    Result<Authorization> authorization(const Credential&) const override {
        return Authorization{};
    }
};

bool is_end(const Event& event) {
    return std::visit(Overloaded{[](const DeploymentCancelled&) { return true; },
                                 [](const DeploymentMissed&) { return true; },
                                 [](const DeploymentSkipped&) { return true; },
                                 [](const DeploymentSucceeded&) { return true; },
                                 [](const DeploymentFailed&) { return true; },
                                 [](const DeploymentAborted&) { return true; },
                                 [](const auto&) { return false; }},
                      event);
}

}  // namespace

struct Simulation::Process {
    Process(Simulation& world, std::unique_ptr<EventLog> opened)
        : log(std::move(opened)),
          lane(state, *log, world.clock_, world.ids_, world.zones_),
          targets(world.random_, [&world](const AttemptRequest& request) { world.sent(request); }),
          dispatcher(lane, targets, secrets, {}),
          timer(lane),
          idempotency(lane, *log, world.clock_, std::string(32, 'k')) {}

    State state;
    std::unique_ptr<EventLog> log;
    CommandLane lane;
    NoSecrets secrets;
    SimulatedTargets targets;
    Dispatcher dispatcher;
    Timer timer;
    Idempotency idempotency;
    bool has_failed = false;  // a write did: the process is about to end
};

Simulation::Simulation(std::uint64_t seed) : random_(seed) {
    clock_.time = kNoon;
    auto log = std::move(*EventLog::over(store_.open(), Uuid{7, seed}));
    for (const RecordedEvent& one : world()) {
        CHECK(log->append({{one.envelope.stream, one.envelope.stream_version,
                            one.envelope.team.uuid, encode(one.envelope, one.event)}}));
        history_.push_back(one);
    }
    log->flush();
    acknowledged_ = log->durable();
    log.reset();
    start();
}

Simulation::~Simulation() = default;

void Simulation::fail(const std::string& what) {
    if (broken_.empty()) {
        broken_ =
            what + "; at position " + std::to_string(history_.size()) + ", " + to_text(clock_.time);
    }
}

std::string Simulation::lately() const {
    constexpr std::size_t kShown = 25;
    std::string lines;
    for (std::size_t i = history_.size() - std::min(history_.size(), kShown); i < history_.size();
         ++i) {
        JsonWriter json{lines};
        write_json(json, history_[i], nullptr);
        lines += '\n';
    }
    return lines;
}

void Simulation::step() {
    if (process_->has_failed && chance(10)) return die();
    struct Kind {
        std::uint64_t weight;
        void (Simulation::*happens)();
    };
    static constexpr std::array<Kind, 8> kKinds = {{{4, &Simulation::ask},
                                                    {1, &Simulation::ask_with_key},
                                                    {5, &Simulation::pass_time},
                                                    {4, &Simulation::tick_timer},
                                                    {4, &Simulation::tick_dispatcher},
                                                    {1, &Simulation::suffer},
                                                    {6, &Simulation::hear_of_targets},
                                                    {7, &Simulation::flush}}};
    std::uint64_t all = 0;
    for (const Kind& kind : kKinds) all += kind.weight;
    std::uint64_t drawn = below(all);
    for (const Kind& kind : kKinds) {
        if (drawn < kind.weight) return (this->*kind.happens)();
        drawn -= kind.weight;
    }
}

// Whoever ticks may have read the clock before somebody set it back.
Instant Simulation::clock_as_read() {
    return clock_.time + (chance(8) ? Millis{below(3'600'000)} : Millis{0});
}

void Simulation::tick_timer() {
    process_->timer.tick(clock_as_read());
}

void Simulation::tick_dispatcher() {
    process_->dispatcher.tick(clock_as_read());
}

void Simulation::hear_of_targets() {
    process_->targets.go_on();
}

void Simulation::suffer() {
    if (chance(30)) return die();
    if (chance(60)) return damage();
}

// ---- The process

void Simulation::start() {
    ++starts_;
    auto opened = EventLog::over(store_.open(), Uuid{});
    if (!opened) return fail("the log does not open: " + opened.error().message);
    process_ = std::make_unique<Process>(*this, std::move(*opened));
    Process& now = *process_;
    const Position end = now.log->durable();
    if (end < acknowledged_) return fail("the log lost what was acknowledged");
    schedules_.clear();
    fates_.clear();
    made_with_key_.clear();
    std::size_t count = 0;
    const auto scanned = now.log->scan(Position{1}, end, [&](const Record& record) {
        const auto recorded = decode(record.position, record.payload);
        if (!recorded || count >= history_.size() || !(*recorded == history_[count])) {
            fail("the log holds what never happened, at " + std::to_string(count + 1));
            return false;
        }
        ++count;
        now.state.apply(*recorded);
        learn(*recorded);
        return true;
    });
    if (!scanned) return fail("the log cannot be read: " + scanned.error().message);
    // What was not durable never happened.
    history_.resize(count);
    now.lane.start_at(end);
    now.lane.observe([this](const RecordedEvent& recorded) { look(recorded); });
    now.log->on_durable([&now](Position position, const Result<void>& result) {
        if (result) {
            now.lane.durable_up_to(position);
        } else {
            now.has_failed = true;
            now.lane.fail(result.error());
        }
    });
    for (const ScheduleId id : never_to_run_) {
        if (!fates_[id].is_cancelled) fail("a cancel that was acknowledged is lost: " + id.text());
    }
    now.dispatcher.set_public_url("http://slipway.example");
    now.dispatcher.recover();
}

void Simulation::die() {
    // All of it is durable now and then: the state that lived is the one that a replay gives.
    std::string fingerprint;
    if (!process_->has_failed && chance(2)) {
        process_->log->flush();
        if (!process_->has_failed) fingerprint = process_->state.fingerprint();
    }
    const std::size_t events = history_.size();
    process_.reset();
    start();
    if (!broken_.empty() || fingerprint.empty() || history_.size() != events) return;
    State replayed;
    for (const RecordedEvent& one : history_) replayed.apply(one);
    if (replayed.fingerprint() != fingerprint) fail("a replay gives another state");
}

void Simulation::flush() {
    // A write may fail, and be there or not; the process may die before it has heard.
    const bool fails = chance(150);
    if (fails) store_.fail_next(ErrorCode::indeterminate, chance(2));
    const Position before = process_->log->durable();
    process_->log->flush();
    if (process_->has_failed && process_->log->durable() != before) {
        fail("the log says that a write that failed is durable");
    }
}

// A bit of some record flips while the process is down: the start must name it.
void Simulation::damage() {
    const Position end = process_->log->durable();
    const Position at{1 + below(end.value)};
    const std::string good = store_.get(event_key(at));
    std::string bad = good;
    const std::size_t bit = below(bad.size() * 8);
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    process_.reset();
    store_.put(event_key(at), bad);
    std::string said;
    auto opened = EventLog::over(store_.open(), Uuid{});
    if (!opened) {
        said = opened.error().message;
    } else {
        const auto scanned =
            (*opened)->scan(Position{1}, (*opened)->durable(), [](const Record&) { return true; });
        if (!scanned) said = scanned.error().message;
    }
    opened = Error{ErrorCode::unavailable, {}};
    if (said.find("position " + std::to_string(at.value)) == std::string::npos) {
        fail("a changed record " + std::to_string(at.value) + " is not named: \"" + said + '"');
    }
    store_.put(event_key(at), good);
    start();
}

// What happens is looked at as it happens.
void Simulation::look(const RecordedEvent& recorded) {
    history_.push_back(recorded);
    if (const auto* const due = std::get_if<DeploymentDue>(&recorded.event)) {
        const Fate& fate = fates_[schedule_of(due->deployment)];
        const std::string id = due->deployment.text();
        if (fate.is_due) fail("it is decided twice: " + id);
        if (fate.has_ended) fail("it is decided after its end: " + id);
        const bool is_early = due->due_at > recorded.envelope.recorded_at;
        if (is_early && !fate.has_come) fail("it is decided too early: " + id);
    }
    learn(recorded);
}

void Simulation::learn(const RecordedEvent& recorded) {
    std::visit(
        Overloaded{
            [&](const DeploymentScheduled& e) {
                schedules_.push_back(e.schedule);
                if (!e.note.empty()) learn_of_key(e.note, recorded.envelope.recorded_at);
            },
            [&](const DeploymentRequested& e) { schedules_.push_back(schedule_of(e.deployment)); },
            [&](const DeploymentDue& e) { fates_[schedule_of(e.deployment)].is_due = true; },
            [&](const DeploymentCancelled& e) { fates_[e.schedule].is_cancelled = true; },
            [&](const DependencyAwaited& e) { fates_[e.schedule].has_come = true; },
            // Whatever ends the waiting: it is due at its time, which may be still to come.
            [&](const DeploymentHeld& e) { fates_[e.schedule].has_come = false; },
            [&](const DeploymentReleased& e) { fates_[e.schedule].has_come = false; },
            [&](const DeploymentExpedited& e) { fates_[e.schedule].has_come = false; },
            [&](const DeploymentRescheduled& e) { fates_[e.schedule].has_come = false; },
            [](const auto&) {}},
        recorded.event);
    if (is_end(recorded.event)) fates_[ScheduleId{recorded.envelope.stream}].has_ended = true;
}

// What was done with a key is done anew only once the clock has shown a day more.
void Simulation::learn_of_key(const std::string& key, Instant at) {
    const auto [made, is_new] = made_with_key_.try_emplace(key, at);
    if (!is_new && latest_ - made->second < kNoteAgeMax) fail("it is done twice with " + key);
    made->second = at;
}

void Simulation::sent(const AttemptRequest& request) {
    ++deliveries_;
    const ScheduleId id = request.schedule;
    const Fate& fate = fates_[id];
    if (!fate.is_due) fail("it is sent without a decision: " + id.text());
    if (fate.is_cancelled || never_to_run_.contains(id))
        fail("it runs though cancelled: " + id.text());
    if (request.token > process_->log->durable()) fail("its intent is not durable: " + id.text());
    if (process_->state.installation().is_held()) fail("it is sent while dispatch is held");
    if (++attempts_[request.token] > 1) fail("one attempt is sent twice: " + id.text());
    delivered_.insert(id);
}

// ---- Those who ask

Submitted Simulation::submit(const Command& command) {
    return process_->lane.submit(command, kSomebody, {"request-1", {}, {}});
}

// What a client is told once it is durable can never be taken back.
void Simulation::acknowledge(const Submitted& submitted, std::optional<ScheduleId> cancelled) {
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt == nullptr) return;
    const Position position = receipt->position;
    process_->lane.when_durable(position, [this, position, cancelled](const Result<void>& result) {
        if (!result) return;
        if (process_->has_failed) fail("something is acknowledged after a write failed");
        acknowledged_ = std::max(acknowledged_, position);
        if (!cancelled || !fates_[*cancelled].is_cancelled) return;
        if (delivered_.contains(*cancelled)) fail("it ran, and its cancel was acknowledged");
        never_to_run_.insert(*cancelled);
    });
}

void Simulation::ask() {
    const std::size_t open = process_->state.schedules().open_of(kOps).size();
    if (!schedules_.empty() && (open >= kOpenMax || chance(3))) {
        // The newer, the likelier: of the old ones most have ended.
        const std::size_t back = std::min<std::size_t>(below(1 + below(60)), schedules_.size() - 1);
        return change(schedules_[schedules_.size() - 1 - back]);
    }
    if (open >= kOpenMax) return;
    if (chance(12)) {
        const bool held = process_->state.installation().is_held();
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

void Simulation::change(ScheduleId id) {
    using Change = Command (*)(Simulation&, ScheduleId);
    // A target reports perhaps for the second time, and perhaps what is not so.
    static constexpr Change kCancel = [](Simulation&, ScheduleId of) -> Command {
        return CancelDeployment{of, {}};
    };
    static constexpr Change kReport = [](Simulation& world, ScheduleId of) -> Command {
        return CompleteDeployment{deployment_of(of), !world.chance(3), {}};
    };
    static constexpr std::array<Change, 9> kChanges = {
        kCancel,
        kCancel,
        kReport,
        kReport,
        [](Simulation&, ScheduleId of) -> Command {
            return HoldDeployment{of, {}};
        },
        [](Simulation&, ScheduleId of) -> Command {
            return ReleaseDeployment{of, {}};
        },
        [](Simulation&, ScheduleId of) -> Command { return RunNow{of}; },
        [](Simulation&, ScheduleId of) -> Command {
            return AbortDeployment{deployment_of(of), {}};
        },
        [](Simulation& world, ScheduleId of) -> Command {
            const WallClock at = utc_clock(world.clock_.time + Seconds{1 + world.below(7'200)});
            return RescheduleDeployment{of, at, world.some_policies(), {}, {}};
        },
    };
    const Command command = kChanges[below(kChanges.size())](*this, id);
    const bool cancels = std::holds_alternative<CancelDeployment>(command);
    acknowledge(submit(command), cancels ? std::optional{id} : std::nullopt);
}

// A client that asks until it has an answer, also of another process.
void Simulation::ask_with_key() {
    if (keyed_.empty() || chance(4)) {
        const std::string key = "key-" + std::to_string(++keys_);
        Keyed& made = keyed_[key];
        made.request.method = Method::post;
        made.request.target = "/v1/scheduled_deployments";
        made.request.idempotency_key = key;
        made.at = utc_clock(clock_.time + Seconds{1 + below(7'200)});
    }
    auto chosen = keyed_.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(below(keyed_.size())));
    Keyed& keyed = chosen->second;
    const auto name = Idempotency::keyed(keyed.request, "alice", kOps);
    const auto answer = [this, &keyed](const std::string& id) {
        const Position position = process_->state.position();
        process_->lane.when_durable(position,
                                    [this, &keyed, id, position](const Result<void>& result) {
                                        if (!result) return;
                                        acknowledged_ = std::max(acknowledged_, position);
                                        if (!keyed.answered.empty() && keyed.answered != id)
                                            fail("a key made two: " + id);
                                        keyed.answered = id;
                                    });
    };
    if (const auto earlier = process_->idempotency.earlier(keyed.request, name)) {
        if (earlier->status != 201) return;
        return answer(earlier->body);
    }
    // After a day it is forgotten: what was answered may be done anew.
    if (!keyed.answered.empty()) return;
    const auto together = process_->log->hold_together();
    ScheduleDeployment command;
    command.app = kApi;
    command.at = keyed.at;
    command.note = keyed.request.idempotency_key;
    const Submitted submitted = submit(command);
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt == nullptr) return;
    Reply reply;
    reply.status = 201;
    reply.body = std::get<DeploymentScheduled>(receipt->events.front()).schedule.text();
    process_->idempotency.remember(name, reply);
    answer(reply.body);
}

ScheduleDeployment Simulation::some_schedule() {
    ScheduleDeployment made;
    made.app = kApi;
    made.at = utc_clock(clock_.time + Seconds{1 + below(chance(8) ? 90'000'000 : 3'600)});
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

void Simulation::pass_time() {
    // Once in a while somebody sets the clock back.
    if (chance(100)) {
        clock_.time -= Millis{below(7'200'000)};
        return;
    }
    Millis most{chance(4) ? 20min : 2s};
    if (chance(100)) most = 24h * 20;
    if (chance(400)) most = 24h * 400;
    let_pass(Millis{below(static_cast<std::uint64_t>(most.count()))});
}

void Simulation::let_pass(Millis duration) {
    clock_.time += duration;
    latest_ = std::max(latest_, clock_.time);
}

void Simulation::settle() {
    go_on(1'000, 1min);
    go_on(1'000, 24h);
    // What came due last has time enough, too.
    const Instant last = clock_.time;
    go_on(1'000, 1min);
    if (!broken_.empty()) return;
    process_->timer.tick(clock_.time);
    look_for_forgotten(last);
    if (const std::string wrong = broken_history(history_); !wrong.empty()) fail(wrong);
    if (const std::string wrong = broken_invariant(process_->state, history_); !wrong.empty()) {
        fail(wrong);
    }
}

void Simulation::go_on(int ticks, Millis apart) {
    for (int i = 0; i < ticks && broken_.empty(); ++i) {
        // The last fault may still be on its way.
        while (process_->has_failed) {
            die();
            if (!broken_.empty()) return;
        }
        if (process_->state.installation().is_held()) submit(ArmDispatch{});
        process_->log->flush();
        process_->timer.tick(clock_.time);
        process_->dispatcher.tick(clock_.time);
        process_->log->flush();
        for (int j = 0; j < 8; ++j) process_->targets.go_on();
        let_pass(apart);
    }
}

// Whatever was due by `last`, and is not for somebody to say, has ended.
void Simulation::look_for_forgotten(Instant last) {
    const Schedules& schedules = process_->state.schedules();
    for (const auto& entry : schedules.open_of(kOps)) {
        const ScheduleRow& row = schedules.at(entry.row);
        if (row.due_at > last) break;
        if (!waits_for_somebody(row)) {
            fail("it is forgotten: " + row.id.text() + ", " + std::string{name_of(row.status)});
        }
    }
    if (schedules.undecided(clock_.time, true) > 0) fail("what is due is not decided");
}

bool Simulation::waits_for_somebody(const ScheduleRow& row) const {
    if (row.status == ScheduleStatus::held) {
        return row.hold_reason != HoldReason::dispatch_held &&
               row.hold_reason != HoldReason::restored;
    }
    if (row.status != ScheduleStatus::unknown) return false;
    // What a restart interrupted is sent again.
    const Run* const run = process_->state.deployments().find(deployment_of(row.id));
    return run->attempts.back().cause != AttemptCause::server_restarted;
}

}  // namespace slipway
