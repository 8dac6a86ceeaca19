// The commit thread: makes durable what the lane handed to the log, one group at a time, and tells
// the io thread up to where. It owns nothing; the log does the work.

#pragma once

#include "eventlog/log/event_log.h"

#include <atomic>
#include <functional>
#include <thread>

namespace slipway {

class CommitThread {
  public:
    using Post = std::function<void(std::function<void()>)>;
    using Durable = std::function<void(Position, const Result<void>&)>;

    // `post` hands a piece of work to the io thread; `durable` is called there, after each group
    // and once if a commit fails.
    CommitThread(EventLog& log, Post post, Durable durable);
    CommitThread(const CommitThread&) = delete;
    CommitThread& operator=(const CommitThread&) = delete;
    ~CommitThread() { stop(); }

    // Commits what is queued, and ends. Idempotent.
    void stop();

  private:
    EventLog& log_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace slipway
