// The runtime without threads, clocks and disks: what is appended waits until a test flushes.

#pragma once

#include "eventlog/events/codec.h"
#include "server/engine/command_lane.h"
#include "tests/support/breakable_store.h"
#include "tests/support/fixtures.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scenario.h"

#include <memory>
#include <utility>
#include <vector>

namespace slipway {

class RuntimeWorld {
  public:
    RuntimeWorld() {
        clock.time = kNoon;
        for (const RecordedEvent& one : world()) {
            CHECK(log->append({{one.envelope.stream, one.envelope.stream_version,
                                one.envelope.team.uuid, encode(one.envelope, one.event)}}));
            state.apply(one);
        }
        log->flush();
        lane.start_at(state.position());
        log->on_durable([this](Position position, const Result<void>& result) {
            if (result) {
                lane.durable_up_to(position);
            } else {
                lane.fail(result.error());
            }
        });
        lane.observe([this](const RecordedEvent& one) { seen.push_back(one); });
    }

    Submitted submit(const Command& command) {
        return lane.submit(command, {Actor{ActorKind::user, kAlice, {}}, kOps, false},
                           {"request-1", {}, {}});
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
    FewZones zones;
    BreakableStore store;
    State state;
    std::unique_ptr<EventLog> log = std::move(*EventLog::over(store.open(), Uuid{7, 7}));
    CommandLane lane{state, *log, clock, ids, zones};
    std::vector<RecordedEvent> seen;
};

}  // namespace slipway
