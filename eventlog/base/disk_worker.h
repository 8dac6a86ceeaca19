// The disk worker: a thread for writes and syncs that one request waits for, such as the file of a
// key. The io thread waits for none of them. Work is done in the order in which it was asked for.
//
// Its queue is as long as there are requests that wait: a connection has one at a time.
//
// Ask and stop from one thread.

#pragma once

#include "eventlog/base/stoppable_thread.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>

namespace slipway {

class DiskWorker {
  public:
    using Work = std::function<void()>;
    using Post = std::function<void(Work)>;

    // `post` hands a piece of work to the io thread.
    explicit DiskWorker(Post post);

    // Does `work` on the worker's thread, then `done` on the io thread.
    void ask(Work work, Work done);

    // Pieces of work that wait, without the one that is under way.
    std::size_t waiting() const;

    // Finishes all that was asked for, and ends the thread. Idempotent.
    void stop() { thread_.stop(); }

  private:
    struct Piece {
        Work work;
        Work done;
    };

    void run(const std::stop_token& stop);

    Post post_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Piece> pieces_;
    StoppableThread thread_;  // last: it uses the others
};

}  // namespace slipway
