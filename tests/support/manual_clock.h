// A clock that stands until a test sets it.

#pragma once

#include "eventlog/base/clock.h"

namespace slipway {

class ManualClock : public Clock {
  public:
    Instant now() const override { return time; }

    Instant time = *instant_of("2027-02-10T08:00:00.250Z");
};

}  // namespace slipway
