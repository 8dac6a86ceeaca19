// OutcomeTraces tells whoever reads the traces what a person should look at: one warning for each
// deployment that failed or was missed, whose outcome is unknown, or that is held for long after
// its time came. Nothing is decided by it.
//
// Anybody who deploys can make deployments fail: beyond kLinesPerSecondMax they are only counted,
// and the next tick() says in one line how many.
//
// Not thread-safe: the lane's thread.

#pragma once

#include "eventlog/base/time.h"
#include "projections/state.h"

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace slipway {

class OutcomeTraces {
  public:
    // So long after its time a held one is traced.
    static constexpr Seconds kHeldLong{900};
    // Lines of the events that were recorded within one second.
    static constexpr std::size_t kLinesPerSecondMax = 20;

    using Warn = std::function<void(const std::string&)>;

    // `warn` is given each line. `state` outlives this.
    OutcomeTraces(const State& state, Warn warn) : state_(state), warn_(std::move(warn)) {}

    // As CommandLane::Observer.
    void observe(const RecordedEvent& recorded);

    // Traces those that have become long held since the last call, and returns when to call it
    // next. The first call names those that were so before.
    Instant tick(Instant now);

  private:
    // Whether there is room for a line about what was recorded at `now`; else it is counted.
    bool has_room(Instant now);
    void trace_held(RowIndex row) const;
    void trace_held_since_last(Instant until) const;

    const State& state_;
    Warn warn_;
    Instant looked_until_ = Instant::min();  // what was due by then and held is traced
    Instant next_ = Instant::min();
    Instant second_ = Instant::min();  // whose lines are counted
    std::size_t lines_ = 0;
    std::size_t untold_ = 0;  // since the last tick
};

}  // namespace slipway
