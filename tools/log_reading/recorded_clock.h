// A log that is made anew from events that happened before is made in their time.

#pragma once

#include "eventlog/base/clock.h"

namespace slipway {

class RecordedClock : public Clock {
  public:
    Instant now() const override { return now_; }
    void set(Instant now) { now_ = now; }

  private:
    Instant now_;
};

}  // namespace slipway
