// Turns: streams to readers share the io thread with everything else, and must not be felt there. A
// turn is one piece for one reader. Turns are taken in order, for a millisecond or two; then as
// much time is left to others that streams never have more than a tenth. With many readers, or many
// events, readers lag and writers do not. Not thread-safe: the io thread's.

#pragma once

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

    explicit Turns(boost::asio::io_context& io);
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

    std::deque<Turn> asked_;
    std::vector<Turn> waiting_;
    std::unique_ptr<Pause> pause_;
    bool is_taking_ = false;
};

}  // namespace slipway
