// The loop around the timer and the dispatcher: calls them when something is due, on the io thread.
// It waits on the wall clock itself (timerfd), so that a clock that was set wakes it at once.

#pragma once

#include "eventlog/base/clock.h"

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace slipway {

class TimerLoop {
  public:
    // `tick` does what is due at or before the given instant and returns when it wants to be called
    // next: that instant itself if there is more to do at once.
    using Tick = std::function<Instant(Instant now)>;

    TimerLoop(boost::asio::io_context& io, const Clock& clock, Tick tick);
    ~TimerLoop();

    // Calls tick now, and from then on whenever it is due.
    void run();

    // Calls tick if that is due. For between two pieces of other work: before Asio looks at the
    // clock it does all that had come since it did so last, and that may take long. Cheap.
    void look();

    // Something may be due earlier than it was thought: call tick soon. Cheap, and may be called
    // often.
    void poke();
    void stop();

    struct Impl;

  private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace slipway
