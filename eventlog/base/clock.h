// The ports through which time and chance come in. A test passes its own; the production ones are
// in server/process/system_ports.h, the only place that reads a clock or a random device.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/time.h"

namespace slipway {

class Clock {
  public:
    virtual ~Clock() = default;

    // The wall clock. It may jump in either direction.
    virtual Instant now() const = 0;

    // The time since some point of its own, on a clock that is never set: to measure how long
    // something took. From any thread.
    virtual std::chrono::nanoseconds monotonic() const { return now().time_since_epoch(); }
};

// Not thread-safe: each has one owner.
class IdSource {
  public:
    virtual ~IdSource() = default;

    // A new UUIDv7 that carries `now`; ids of one source ascend within a millisecond.
    virtual Uuid next(Instant now) = 0;

    // An even chance over [0, bound). Requires: bound > 0.
    virtual std::uint64_t random_below(std::uint64_t bound) = 0;
};

}  // namespace slipway
