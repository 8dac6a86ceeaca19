// The timer: another client of the command lane. It submits a Wake for whatever is due and says
// when it wants to be called next; it never sleeps and reads no clock (see timer_loop.h for that).

#pragma once

#include "eventlog/base/time.h"
#include "server/engine/command_lane.h"

namespace slipway {

// Wakes in one tick, so that a crowd that is due at one instant does not keep HTTP from its turn.
inline constexpr std::size_t kDuePerTickMax = 2'000;

// The longest time without a look at the wall clock, so that one that was set is noticed.
inline constexpr Millis kIdleWakeMax{1'000};

// The wait before another try while the log takes no more.
inline constexpr Millis kBusyWait{5};

class Timer {
  public:
    explicit Timer(CommandLane& lane) : lane_(lane) {}

    // Submits a Wake for each schedule whose instant is at or before `now`, oldest first, at most
    // kDuePerTickMax. Returns the instant of the next call: `now` if the limit was reached, else
    // the next instant that something is due, but no later than `now + kIdleWakeMax`.
    Instant tick(Instant now);

  private:
    CommandLane& lane_;
};

}  // namespace slipway
