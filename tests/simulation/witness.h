// A Witness sees everything that happens to a server, over all its processes, and remembers what
// was promised: what happens against that breaks a promise, and the first one is told.

#pragma once

#include "eventlog/events/event.h"
#include "projections/state.h"
#include "server/engine/dispatcher.h"
#include "tests/support/fixtures.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slipway {

class Witness {
  public:
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
    void see_sent(const OutgoingRequest& request, const State& state, Position durable);
    // `steady` goes on whatever the clock is set to.
    void see_clock(Instant now, std::chrono::nanoseconds steady);
    // The zone database has other rules from now on.
    void see_rules(const FewZones& rules, Instant now);
    // All schedules were looked at with them.
    void see_resolved(const State& state);
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
        bool is_held_by_person = false;
        bool has_ended = false;
        bool has_leapt = false;    // other rules moved it into the past: it must not run by itself
        bool is_by_clock = false;  // and nobody has said otherwise
        PlannedTime time;          // if it is
        std::optional<Instant> due_at;  // as the events say

        // It is held, or no more, or due at another time.
        void let_go() { has_come = has_leapt = is_by_clock = false; }
    };

    struct Moment {
        Instant wall;
        std::chrono::nanoseconds steady{};
    };

    void learn(const RecordedEvent& recorded, std::chrono::nanoseconds steady);
    void learn_of_key(const std::string& key, Moment at);
    void check_due(const DeploymentDue& due, const Envelope& envelope);
    void check_time(const PlannedTime& time);
    void check_moved(const DueTimeReresolved& moved, Instant recorded_at);
    void learn_of_rules(const ZoneRulesChanged& changed);
    // The zone of `timezone` by the rules that the log calls `rules`.
    std::optional<Zone> zone(const std::string& timezone, const std::string& rules);
    Instant meant(const PlannedTime& time, const std::string& rules);

    std::string broken_;
    std::vector<RecordedEvent> history_;                // applied, durable or not
    std::vector<std::chrono::nanoseconds> applied_at_;  // each of those, by the steady clock
    std::size_t replayed_ = 0;
    std::vector<ScheduleId> schedules_;  // of the history
    std::map<ScheduleId, Fate> fates_;
    std::map<std::string, Moment> made_with_key_;
    std::set<Position> sent_;  // tokens
    std::set<ScheduleId> delivered_;
    std::set<ScheduleId> never_to_run_;           // their cancel was acknowledged
    Position acknowledged_;                       // nothing up to here may ever be lost
    std::map<std::string, FewZones> rules_;       // by digest
    std::map<std::string, std::string> digests_;  // of rules, by the name that the log has for them
    std::string in_force_;                        // the name of rules, as the log says
    Instant latest_;                              // that the clock ever showed
    std::chrono::nanoseconds steady_{};           // now
    Instant latest_by_rules_;                     // and since the rules changed
    std::size_t deliveries_ = 0;
};

}  // namespace slipway
