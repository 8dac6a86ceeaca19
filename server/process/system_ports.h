// The production clock and source of ids and chance: the only place that asks the system for them.

#pragma once

#include "eventlog/base/clock.h"

#include <array>
#include <cstdint>
#include <string>

namespace slipway {

class SystemClock : public Clock {
  public:
    Instant now() const override;
    std::chrono::nanoseconds monotonic() const override;
};

// The kernel's id of this run of the machine, in which SystemClock::monotonic() counts on over
// restarts of a process. Empty if the kernel does not say.
std::string boot_id();

// Ids from the kernel's random source. Not thread-safe.
class SystemIdSource : public IdSource {
  public:
    Uuid next(Instant now) override;
    std::uint64_t random_below(std::uint64_t bound) override;

  private:
    std::uint64_t random();

    std::array<std::uint64_t, 128> pool_{};
    std::size_t used_ = 128;
    std::uint64_t last_high_ = 0;
};

}  // namespace slipway
