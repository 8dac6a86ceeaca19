// A change of the zone rules: it takes other rules into use, records that, and moves the schedules
// whose wall clocks stand for another instant by them. With millions of schedules that takes a
// while, so it goes in small steps, and everything else has its turn in between; what comes due
// meanwhile is looked at when it is woken.
//
// A client of the lane, as the timer: it never sleeps and reads no clock. After every start it
// looks at all schedules: a change that was interrupted is finished, and what has moved does not
// move again. Not thread-safe: the lane's thread.

#pragma once

#include "server/engine/command_lane.h"
#include "server/engine/current_zones.h"

#include <map>
#include <memory>
#include <string>

namespace slipway {

// Schedules that one tick looks at, and those that it moves: both take about a millisecond.
inline constexpr std::uint32_t kRowsPerZoneTick = 5'000;
inline constexpr std::size_t kMovesPerZoneTick = 100;

class ZoneChange {
  public:
    // Requires: `zones` are those of the lane. Whether they are those that the log speaks of is
    // found out by the first tick. `rows_per_tick` is for tests.
    ZoneChange(CommandLane& lane, CurrentZones& zones,
               std::uint32_t rows_per_tick = kRowsPerZoneTick)
        : lane_(lane), zones_(zones), rows_per_tick_(rows_per_tick) {}

    // The next tick puts `rules` in force. Those before them stay until that is recorded.
    void take(std::unique_ptr<const Zones> rules);

    // Does one step. Returns the instant of the next call: `now` if there is more to do.
    Instant tick(Instant now);

    // How many schedules are still to be looked at.
    std::size_t left() const { return end_ - next_; }
    // Whether all were looked at since the rules last changed.
    bool is_done() const { return begun_ && left() == 0; }

  private:
    bool begin();
    void finish();

    CommandLane& lane_;
    CurrentZones& zones_;
    const std::uint32_t rows_per_tick_;
    std::unique_ptr<const Zones> taken_;
    bool begun_ = false;  // the log says which rules are in force
    RowIndex next_ = 0;
    RowIndex end_ = 0;  // what is added later is resolved with the rules in force
    std::size_t moved_ = 0;
    std::map<std::string, std::size_t> lost_;  // zones that are no more, and of how many schedules
};

}  // namespace slipway
