// A Turn: how long one piece of work may keep the io thread before others are served. Work that
// takes longer looks at is_over() between two steps, each of which is short, and goes on in another
// turn.

#pragma once

#include "eventlog/base/clock.h"

#include <chrono>

namespace slipway {

// One piece of one request. A fifth of the 5 ms that no request may exceed: the last step of a turn
// begins before it is over.
inline constexpr std::chrono::nanoseconds kTurn = std::chrono::milliseconds{1};

class Turn {
  public:
    explicit Turn(const Clock& clock, std::chrono::nanoseconds length = kTurn)
        : clock_(clock), end_(clock.monotonic() + length) {}

    bool is_over() const { return clock_.monotonic() >= end_; }

  private:
    const Clock& clock_;
    std::chrono::nanoseconds end_;
};

}  // namespace slipway
