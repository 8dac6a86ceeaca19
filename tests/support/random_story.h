// A story made by chance: people, the timer and the targets do whatever they may, in whatever
// order. The same seed makes the same story.

#pragma once

#include "tests/support/scenario.h"

#include <random>
#include <string>
#include <vector>

namespace slipway {

class RandomStory {
  public:
    explicit RandomStory(unsigned seed) : random_{seed}, story_{kNoon} {}

    void go_on();

    const std::vector<RecordedEvent>& history() const { return story_.history(); }
    std::string broken() const;

  private:
    int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
    bool known() const { return !ids_.empty(); }
    ScheduleId any() {
        return ids_[static_cast<std::size_t>(below(static_cast<int>(ids_.size())))];
    }
    template <class Map>
    typename Map::key_type any_of(const Map& map);
    std::string some_text();

    Policies policies();
    std::vector<Dependency> dependencies(int depth);
    ScheduleDeployment schedule();
    void change_zone_rules();
    Command change();
    Command change_of_team();
    Command change_of_credential(const Team& team);
    Command change_of_app();
    void run();
    void remember();

    std::mt19937 random_;
    Scenario story_;
    std::vector<ScheduleId> ids_;
    std::size_t seen_ = 0;
    int named_ = 0;
};

}  // namespace slipway
