// A Simulation is a server from its first start on, with everything around it made up: see the
// README. step() does one thing; broken() says which promise was not kept, if one was not.

#pragma once

#include "eventlog/log/event_log.h"
#include "server/engine/engine.h"
#include "server/http/message.h"
#include "tests/simulation/storage.h"
#include "tests/simulation/targets.h"
#include "tests/simulation/witness.h"
#include "tests/support/fixtures.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scenario.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace slipway {

class Simulation {
  public:
    // One seed of so many is over LevelDB on a simulated disk, the others over a map, which is
    // faster.
    static constexpr std::uint64_t kDiskSeeds = 2;

    explicit Simulation(std::uint64_t seed);
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;
    ~Simulation();

    void step();
    // Lets everything end that can: no more faults, and time enough.
    void settle();

    const std::string& broken() const { return witness_.broken(); }
    // The last that happened, as JSON lines.
    std::string lately() const;
    const std::vector<RecordedEvent>& history() const { return witness_.history(); }
    std::uint64_t starts() const { return starts_; }
    std::uint64_t deliveries() const { return witness_.deliveries(); }

  private:
    // All that dies with the process.
    struct Process;
    // A client's request with a key, which it repeats until it has an answer.
    struct Keyed {
        Request request;
        WallClock at;
    };

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

    // What happens in a step, beside what is asked
    void tick();
    void hear_of_targets();
    void hear_late();
    void change_rules_now_and_then();
    void suffer();
    void change_rules();
    void pass_time();
    void let_pass(Millis duration);
    void set_clock();
    void go_on(int ticks, Millis apart);  // with no more faults
    Instant clock_as_read();

    // Three sets of rules in a row have the same version.
    std::string version() const { return "rules-" + std::to_string(rules_made_ / 3); }
    std::unique_ptr<const Zones> rules() const;
    std::unique_ptr<FewZones> few_zones() const;

    // The process
    void start();
    std::optional<Error> open_log();
    void end_process(bool with_power);
    void die();
    void flush();
    void keep_anchor();
    void damage();
    void check_damaged(const std::string& named, const Tail& end);

    // Those who ask
    Submitted submit(const Command& command);
    void acknowledge(const Submitted& submitted, std::optional<ScheduleId> cancelled = {});
    void ask();
    void ask_with_key();
    void change(ScheduleId id);
    void change_credential();
    void report();
    void tell_outcome_again();
    WallClock some_time(std::uint64_t seconds_max);
    ScheduleDeployment some_schedule();
    std::vector<Dependency> some_dependencies(std::size_t depth);
    Policies some_policies();

    std::mt19937_64 random_;
    ManualClock clock_;
    std::int64_t drift_ = 0;  // of the clock, in thousandths
    ScriptedIds ids_;
    std::uint64_t rules_made_ = 0;  // of the zone database
    Seconds eastward_{0};           // by the last of them
    std::unique_ptr<Storage> storage_;
    Tail anchor_;  // as the file beside the database would say
    Witness witness_;
    std::unique_ptr<Process> process_;

    std::vector<Report> reports_;                              // that targets will make
    std::vector<std::pair<DeploymentId, Position>> attempts_;  // that were sent
    std::map<std::string, Keyed> keyed_;                       // by key
    std::uint64_t starts_ = 0;
    std::uint64_t keys_ = 0;
    std::uint64_t credentials_ = 0;
};

}  // namespace slipway
