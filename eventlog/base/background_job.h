// One piece of long work at a time, on a thread of its own and beside everything else. What it does
// and whom it tells is the caller's. Start and stop it from one thread.

#pragma once

#include "eventlog/base/stoppable_thread.h"

#include <atomic>
#include <functional>
#include <optional>
#include <string>

namespace slipway {

class BackgroundJob {
  public:
    // It ends soon after a stop is requested. What it returns is called, on the same thread, once
    // the next work may start: there it tells that it is done.
    using Work = std::function<std::function<void()>(const std::stop_token&)>;

    // `name` is the thread's: at most 15 characters.
    explicit BackgroundJob(std::string name) : name_(std::move(name)) {}
    BackgroundJob(const BackgroundJob&) = delete;
    BackgroundJob& operator=(const BackgroundJob&) = delete;
    ~BackgroundJob() { stop(); }

    bool is_busy() const { return is_busy_; }

    // False, and nothing is started, while the work before is not done.
    bool start(Work work);

    // Requests the work to stop, and waits until it has. Idempotent.
    void stop();

  private:
    std::string name_;
    std::atomic<bool> is_busy_{false};
    std::optional<StoppableThread> thread_;
};

}  // namespace slipway
