// Turns: what can wait shares the io thread with everything else, and must not be felt there. A
// turn is one piece of a stream for one reader, or one TLS handshake. Turns are taken in order, for
// a millisecond or two; then so many times as long is left to others: with 9, streams never have
// more than a tenth of the thread. With many readers, or many events, readers lag and writers do
// not. Not thread-safe: the io thread's.

#pragma once

#include "eventlog/base/clock.h"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace slipway {

class Turns {
  public:
    using Turn = std::function<void()>;

    // Both outlive it.
    Turns(boost::asio::io_context& io, const Clock& clock, int times_left_to_others);
    ~Turns();

    // Takes `turn` once those before it were taken.
    void ask(Turn turn);

    // As ask(), once the log has grown.
    void ask_when_log_grew(Turn turn);
    void log_grew();

  private:
    struct Pause;

    void begin();
    void take();

    const Clock& clock_;
    std::deque<Turn> asked_;
    std::vector<Turn> waiting_;
    std::unique_ptr<Pause> pause_;
    const int times_left_to_others_;
    bool is_taking_ = false;
};

}  // namespace slipway
