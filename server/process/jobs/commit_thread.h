// The commit thread: makes durable what the lane handed to the log, one group at a time, and tells
// the io thread up to where. It owns nothing; the log does the work.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/stoppable_thread.h"
#include "eventlog/log/event_log.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

namespace slipway {

class CommitThread {
  public:
    using Post = std::function<void(std::function<void()>)>;
    // A group, or the one that failed. `records` is how many it had, 0 if it failed; `took` is from
    // its first to its last step, the sync included.
    struct Commit {
        Position position;  // what is durable now
        std::uint64_t records = 0;
        std::chrono::nanoseconds took{0};
        Result<void> result;
    };
    using Durable = std::function<void(const Commit&)>;

    // `post` hands a piece of work to the io thread; `durable` is called there, after each group
    // and once if a commit fails.
    CommitThread(EventLog& log, const Clock& clock, Post post, Durable durable);

    // Ends after the group that is under way; EventLog::close() commits the rest. Idempotent.
    void stop() { thread_->stop(); }

  private:
    void run(const std::stop_token& stop);

    EventLog& log_;
    const Clock& clock_;
    Position last_;                      // both are the thread's own: durable before this group,
    std::chrono::nanoseconds began_{0};  // and when that began
    std::optional<StoppableThread> thread_;  // begins once the log knows whom to tell
};

}  // namespace slipway
