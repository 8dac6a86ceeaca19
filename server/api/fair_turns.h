// FairTurns: the order in which requests are worked on. Each client has a queue of its own, and the
// clients take turns, so that one with a thousand connections does not delay one with a single
// connection. After kRoundTurns turns all else on the io thread is served before the next round:
// timers, calls to targets, new connections.
//
// Not thread-safe: the io thread's. It holds at most one piece of work per connection.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/id.h"

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

namespace slipway {

// The length of a round, in turns (see kTurn).
inline constexpr int kRoundTurns = 2;

class FairTurns {
  public:
    // Does a piece that lasts one turn at most. Returns whether there is more of it.
    using Work = std::function<bool()>;
    // Calls what it is given soon, once what is ready on the io thread has been served.
    using Post = std::function<void(std::function<void()>)>;

    FairTurns(const Clock& clock, Post post) : clock_(clock), post_(std::move(post)) {}

    // Calls `work` in its turn, and again until there is no more of it. The next work of the same
    // client begins after that, so that a client has one unfinished answer in memory at most. A nil
    // client stands for all that are not known.
    void ask(UserId client, Work work);

    // Pieces of work that wait.
    std::size_t waiting() const { return waiting_; }

  private:
    using Queue = std::deque<Work>;

    void begin();
    void take_round();
    void take_one();

    const Clock& clock_;
    Post post_;
    absl::flat_hash_map<UserId, Queue> queues_;
    std::deque<UserId> order_;      // the clients that wait, each once
    std::optional<UserId> taking_;  // the client whose work is being done, which is not in order_
    std::size_t waiting_ = 0;
    bool is_begun_ = false;
};

}  // namespace slipway
