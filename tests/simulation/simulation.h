// A Simulation is a server from its first start on, with everything around it made up: see the
// README. step() does one thing; broken() says which promise was not kept, if one was not.

#pragma once

#include "server/http/idempotency.h"
#include "server/runtime/command_lane.h"
#include "server/runtime/dispatcher.h"
#include "server/runtime/timer.h"
#include "tests/simulation/targets.h"
#include "tests/support/breakable_store.h"
#include "tests/support/fixtures.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scenario.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace slipway {

class Simulation {
  public:
    explicit Simulation(std::uint64_t seed);
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;
    ~Simulation();

    void step();
    // Lets everything end that can: no more faults, and time enough.
    void settle();

    const std::string& broken() const { return broken_; }
    // The last that happened, as JSON lines.
    std::string lately() const;
    const std::vector<RecordedEvent>& history() const { return history_; }
    std::uint64_t starts() const { return starts_; }
    std::uint64_t deliveries() const { return deliveries_; }

  private:
    // All that dies with the process.
    struct Process;
    // What is known of one scheduled deployment, as far as the log goes.
    struct Fate {
        bool is_due = false;
        bool has_come = false;  // its time did: since then it waits, and the clock may be set back
        bool is_cancelled = false;
        bool has_ended = false;
    };
    // A client's request with a key, which it repeats until it has an answer.
    struct Keyed {
        Request request;
        WallClock at;
        std::string answered;  // the id that it was told
    };

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool chance(std::uint64_t one_in) { return below(one_in) == 0; }
    void fail(const std::string& what);

    // What happens in a step, beside what is asked
    void tick_timer();
    void tick_dispatcher();
    void hear_of_targets();
    void suffer();
    void pass_time();
    void let_pass(Millis duration);
    void go_on(int ticks, Millis apart);  // with no more faults
    Instant clock_as_read();

    // The process
    void start();
    void die();
    void flush();
    void damage();
    void look(const RecordedEvent& recorded);
    void learn(const RecordedEvent& recorded);
    void learn_of_key(const std::string& key, Instant at);
    void sent(const AttemptRequest& request);
    void look_for_forgotten(Instant last);
    bool waits_for_somebody(const ScheduleRow& row) const;

    // Those who ask
    Submitted submit(const Command& command);
    void acknowledge(const Submitted& submitted, std::optional<ScheduleId> cancelled = {});
    void ask();
    void ask_with_key();
    void change(ScheduleId id);
    ScheduleDeployment some_schedule();
    std::vector<Dependency> some_dependencies(std::size_t depth);
    Policies some_policies();

    std::mt19937_64 random_;
    ManualClock clock_;
    ScriptedIds ids_;
    FewZones zones_;
    BreakableStore store_;
    std::unique_ptr<Process> process_;

    std::vector<RecordedEvent> history_;  // applied, durable or not
    std::vector<ScheduleId> schedules_;   // of the history
    std::map<ScheduleId, Fate> fates_;
    std::map<Position, std::size_t> attempts_;  // tokens, and how often each was sent
    std::map<std::string, Keyed> keyed_;        // by key
    std::map<std::string, Instant> made_with_key_;
    Instant latest_ = kNoon;             // that the clock ever showed
    Position acknowledged_;              // nothing up to here may ever be lost
    std::set<ScheduleId> never_to_run_;  // their cancel was acknowledged
    std::set<ScheduleId> delivered_;
    std::string broken_;
    std::uint64_t starts_ = 0;
    std::uint64_t deliveries_ = 0;
    std::uint64_t keys_ = 0;
};

}  // namespace slipway
