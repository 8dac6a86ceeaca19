// A clock that stands until a test sets it.

#pragma once

#include "eventlog/base/clock.h"

namespace slipway {

class ManualClock : public Clock {
  public:
    Instant now() const override { return time + set_by; }
    std::chrono::nanoseconds monotonic() const override { return time.time_since_epoch(); }

    Instant time = *instant_of("2027-02-10T08:00:00.250Z");  // goes on for both
    Millis set_by{0};                                        // how far the wall clock was set
};

}  // namespace slipway
