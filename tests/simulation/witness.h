// A Witness sees everything that happens to a server, over all its processes, and remembers what
// was promised: what happens against that breaks a promise, and the first one is told.

#pragma once

#include "eventlog/events/event.h"
#include "projections/state.h"
#include "server/domain/zones.h"
#include "server/executors/executor.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slipway {

class Witness {
  public:
    explicit Witness(const Zones& zones) : zones_(zones) {}

    void fail(const std::string& what);
    // Empty, or the first promise that was not kept.
    const std::string& broken() const { return broken_; }

    // A process starts and reads its log: each record must be what was applied once.
    void begin_replay();
    bool replay(const RecordedEvent& recorded);
    // What was not found there never happened. `durable` is the end of what was.
    void end_replay(Position durable);

    // An event as it is applied, durable or not.
    void see(const RecordedEvent& recorded);
    // A request leaves for its target.
    void see_sent(const AttemptRequest& request, const State& state, Position durable);
    void see_clock(Instant now) { latest_ = std::max(latest_, now); }
    // The log said so, or a client was told something that is up to there.
    void see_durable(Position position) { acknowledged_ = std::max(acknowledged_, position); }
    // A client was told that this is cancelled.
    void see_cancelled(ScheduleId id);
    // The timer did all that was due.
    void see_ticked(const State& state, Instant now);
    // Nothing goes wrong any more, and all that was due by `last` had time enough.
    void see_settled(const State& state, Instant last);

    const std::vector<RecordedEvent>& history() const { return history_; }
    const std::vector<ScheduleId>& schedules() const { return schedules_; }
    std::size_t deliveries() const { return deliveries_; }

  private:
    // What is known of one scheduled deployment, as far as the log goes.
    struct Fate {
        bool is_dependency = false;
        bool is_due = false;
        bool has_come = false;  // its time did: since then it waits, and the clock may be set back
        bool is_cancelled = false;
        bool has_ended = false;
        std::optional<Instant> due_at;  // as the events say
    };

    void learn(const RecordedEvent& recorded);
    void learn_of_key(const std::string& key, Instant at);
    void check_due(const DeploymentDue& due, Instant recorded_at);
    void check_time(const PlannedTime& time);

    const Zones& zones_;
    std::string broken_;
    std::vector<RecordedEvent> history_;  // applied, durable or not
    std::size_t replayed_ = 0;
    std::vector<ScheduleId> schedules_;  // of the history
    std::map<ScheduleId, Fate> fates_;
    std::map<std::string, Instant> made_with_key_;
    std::set<Position> sent_;  // tokens
    std::set<ScheduleId> delivered_;
    std::set<ScheduleId> never_to_run_;  // their cancel was acknowledged
    Position acknowledged_;              // nothing up to here may ever be lost
    Instant latest_;                     // that the clock ever showed
    std::size_t deliveries_ = 0;
};

}  // namespace slipway
