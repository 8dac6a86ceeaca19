// The Engine is Slipway without its surroundings: the state of one log, the lane in which commands
// are decided, the timer that wakes what is due, the change of zone rules, and the dispatcher. It
// has no thread, socket, file or setting of its own, so two engines that are fed the same do the
// same. Whoever drives it commits the log, calls tick() and durable(), and sends the requests.
//
//   submit ─► decide ─► apply ─► log ┄(committed)┄► durable ─► whoever waits, take_requests
//   tick ───┘                                                   result of a request ─► record
//
// A process may build an engine, drop it, and build another while it runs. Not thread-safe: one
// thread, the lane's.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/log/event_log.h"
#include "projections/state.h"
#include "server/engine/command_lane.h"
#include "server/engine/current_zones.h"
#include "server/engine/dispatcher.h"
#include "server/engine/kind_rules.h"
#include "server/engine/timer.h"
#include "server/engine/zone_change.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace slipway {

class Engine {
  public:
    // All outlive the engine.
    struct Ports {
        const Clock& clock;
        IdSource& ids;
        const TargetSecrets& secrets;
        const Kinds& kinds;
    };
    struct Settings {
        Quotas quotas = {};
        AttemptLimits attempts = {};
        // Where the target of a deployment may report its end; without it, nowhere.
        std::function<std::string(DeploymentId)> callback_url = {};
        std::uint32_t zone_rows_per_tick = kRowsPerZoneTick;
    };
    // What the engine is at now.
    struct Figures {
        std::size_t attempts_under_way = 0;
        std::size_t pausing = 0;                  // deployments in the pause before a retry
        std::size_t queued = 0;                   // deployments that wait for a share
        std::chrono::nanoseconds oldest_wait{0};  // of those; a step for each app
        std::size_t zone_rules_left = 0;          // schedules to look at after a change of rules
    };

    // Requires: `state` is what a replay of the whole `log` gives.
    Engine(std::unique_ptr<State> state, std::unique_ptr<EventLog> log,
           std::unique_ptr<const Zones> zones, Ports ports, Settings settings);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // As CommandLane::submit().
    Submitted submit(const Command& command, const Principal& principal, const Origin& origin = {});
    // What submit() would decide now. Nothing is recorded.
    Decision consider(const Command& command, const Principal& principal) const {
        return lane_.consider(command, principal);
    }
    // As CommandLane::when_durable().
    void when_durable(Position position, CommandLane::Waiter waiter);

    // Takes up the deployments that were open when the last process ended. Call it once, before the
    // first tick.
    void recover() { dispatcher_.recover(); }

    // Does what is due at `now`: moves schedules by new zone rules, wakes schedules, starts
    // attempts. Returns when to call it next: `now` if there is more to do at once.
    Instant tick(Instant now);

    // The log is durable up to `position`. Calls those that wait for it until `turn` is over.
    // Returns whether some still wait: call_waiters() goes on, and must be called.
    bool durable(Position position, const Turn& turn) {
        return lane_.durable_up_to(position, turn);
    }
    bool call_waiters(const Turn& turn) { return lane_.call_waiters(turn); }
    // The log could not be written: whoever waits is told, and nothing is decided any more.
    void fail(const Error& error) { lane_.fail(error); }

    // Takes the requests that are to be sent now, and those that are to be given up. The result of
    // each that is not given up comes back by record().
    Requests take_requests() { return dispatcher_.take_requests(); }
    bool has_requests() const { return dispatcher_.has_requests(); }
    void record(DeploymentId id, Position token, const Answer& answer) {
        dispatcher_.record(id, token, answer);
    }

    // Starts no attempt any more. Calls `drained`, once, when none is under way.
    void hold(std::function<void()> drained) { dispatcher_.stop(std::move(drained)); }

    // The next tick puts `rules` in force.
    void take_zone_rules(std::unique_ptr<const Zones> rules) {
        zone_change_.take(std::move(rules));
    }
    // Whether every schedule was looked at since the rules last changed.
    bool are_zone_rules_settled() const { return zone_change_.is_done(); }

    // `observer` hears of each event before it is durable. It must not submit.
    void observe(CommandLane::Observer observer) { lane_.observe(std::move(observer)); }
    // As CommandLane::on_append().
    void on_append(std::function<void()> kick) { lane_.on_append(std::move(kick)); }
    // As Dispatcher::on_first_sent().
    void on_first_sent(std::function<void(Millis since_due)> sent) {
        dispatcher_.on_first_sent(std::move(sent));
    }

    const State& state() const { return *state_; }
    // The log is durable up to here, as far as durable() said.
    Position durable_position() const { return lane_.durable(); }
    // What the state shows and a crash could still take back.
    const PendingChanges& pending() const { return lane_.pending(); }
    // As Dispatcher::waits_for().
    std::string_view waits_for(RowIndex row) const { return dispatcher_.waits_for(row); }
    EventLog& log() { return *log_; }
    const EventLog& log() const { return *log_; }
    const Zones& zones() const { return zones_; }
    const Kinds& kinds() const { return kinds_; }
    const Quotas& quotas() const { return lane_.quotas(); }
    const AttemptLimits& attempt_limits() const { return dispatcher_.limits(); }
    Figures figures() const;

  private:
    std::unique_ptr<State> state_;
    std::unique_ptr<EventLog> log_;
    CurrentZones zones_;
    const Kinds& kinds_;
    const KindRules kind_rules_;
    CommandLane lane_;
    Dispatcher dispatcher_;
    ZoneChange zone_change_;
    Timer timer_;
};

}  // namespace slipway
