// OutcomeTraces tells whoever reads the traces what a person should look at: one warning for each
// deployment that failed or was missed, whose outcome is unknown, or that is held for long after
// its time came. Nothing is decided by it.
//
// Not thread-safe: the lane's thread.

#pragma once

#include "eventlog/base/time.h"
#include "projections/state.h"

#include <functional>
#include <string>
#include <utility>

namespace slipway {

class OutcomeTraces {
  public:
    // So long after its time a held one is traced.
    static constexpr Seconds kHeldLong{900};

    using Warn = std::function<void(const std::string&)>;

    // `warn` is given each line. `state` outlives this.
    OutcomeTraces(const State& state, Warn warn) : state_(state), warn_(std::move(warn)) {}

    // As CommandLane::Observer.
    void observe(const RecordedEvent& recorded);

    // Traces those that have become long held since the last call, and returns when to call it
    // next. The first call names those that were so before.
    Instant tick(Instant now);

  private:
    void trace_held(RowIndex row) const;

    const State& state_;
    Warn warn_;
    Instant looked_until_ = Instant::min();  // what was due by then and held is traced
    Instant next_ = Instant::min();
};

}  // namespace slipway
