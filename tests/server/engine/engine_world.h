// An engine without threads, sockets and a disk: what is appended waits until a test flushes, and
// what is to be sent waits until a test takes it. It is noon, and the story of world() has
// happened.

#pragma once

#include "eventlog/events/codec.h"
#include "server/engine/engine.h"
#include "server/targets/kinds.h"
#include "tests/support/breakable_store.h"
#include "tests/support/few_secrets.h"
#include "tests/support/fixtures.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scenario.h"

#include <memory>
#include <utility>
#include <vector>

namespace slipway {

class EngineWorld {
  public:
    explicit EngineWorld(Engine::Settings with = {},
                         std::unique_ptr<const Zones> zones = std::make_unique<FewZones>())
        : settings(std::move(with)) {
        clock.time = kNoon;
        auto log = std::move(*EventLog::over(store.open(), Uuid{7, 7}));
        for (const RecordedEvent& one : world()) {
            CHECK(log->append({{one.envelope.stream, one.envelope.stream_version,
                                one.envelope.team.uuid, encode(one.envelope, one.event)}}));
        }
        log->flush();
        begin(std::move(log), std::move(zones));
    }

    // The process ends, and another begins with what is durable. recover() is the test's to call.
    void restart(std::unique_ptr<const Zones> zones = std::make_unique<FewZones>()) {
        engine.reset();
        begin(std::move(*EventLog::over(store.open(), Uuid{7, 7})), std::move(zones));
    }

    const State& state() const { return engine->state(); }
    EventLog& log() { return engine->log(); }
    void flush() { log().flush(); }
    // For a test of what finds out that the state is not that of the log.
    State& state_to_spoil() { return *state_; }
    Instant tick() { return engine->tick(clock.now()); }

    Submitted submit(const Command& command) {
        return engine->submit(command, {Actor{ActorKind::user, kAlice, {}}, kOps, false},
                              {"request-1", {}, {}});
    }
    Submitted submit_as_admin(const Command& command) {
        return engine->submit(command, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    }
    // Schedules api at `due` and returns its id.
    ScheduleId schedule(Instant due) {
        ScheduleDeployment command;
        command.app = kApi;
        command.at = utc_clock(due);
        const auto submitted = submit(command);
        const auto& receipt = std::get<Receipt>(submitted);
        return std::get<DeploymentScheduled>(receipt.events.front()).schedule;
    }
    DeploymentId deploy() {
        RequestDeployment command;
        command.app = kApi;
        const auto submitted = submit(command);
        const auto& receipt = std::get<Receipt>(submitted);
        return std::get<DeploymentRequested>(receipt.events.front()).deployment;
    }
    // How many events of type E there were since the world began.
    template <class E>
    std::size_t count() const {
        std::size_t found = 0;
        for (const auto& one : seen) found += std::holds_alternative<E>(one.event) ? 1 : 0;
        return found;
    }

    ManualClock clock;
    ScriptedIds ids;
    BreakableStore store;
    FewSecrets secrets;
    Engine::Settings settings;
    const Kinds* kinds = &target_kinds();  // restart() takes others
    std::vector<RecordedEvent> seen;
    std::unique_ptr<Engine> engine;

  private:
    State* state_ = nullptr;

    void begin(std::unique_ptr<EventLog> log, std::unique_ptr<const Zones> zones) {
        auto replayed = std::make_unique<State>();
        state_ = replayed.get();
        CHECK(log->scan(Position{1}, log->durable(), [&](const Record& record) {
            replayed->apply(*decode(record.position, record.payload));
            return true;
        }));
        engine = std::make_unique<Engine>(std::move(replayed), std::move(log), std::move(zones),
                                          Engine::Ports{clock, ids, secrets, *kinds}, settings);
        engine->log().on_durable([this](Position position, const Result<void>& result) {
            if (result) {
                while (engine->durable(position, Turn{clock})) {
                }
            } else {
                engine->fail(result.error());
            }
        });
        engine->observe([this](const RecordedEvent& one) { seen.push_back(one); });
    }
};

}  // namespace slipway
