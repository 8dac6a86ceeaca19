// A StoppableThread is a thread with a name that ends soon after it is asked to.

#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace slipway {

class StoppableThread {
  public:
    // Runs on the new thread. It returns soon after a stop is requested.
    using Work = std::function<void(const std::stop_token&)>;

    // `name` has at most 15 characters. Throws std::system_error if there can be no more threads.
    StoppableThread(std::string name, Work work);
    StoppableThread(const StoppableThread&) = delete;
    StoppableThread& operator=(const StoppableThread&) = delete;
    ~StoppableThread() { stop(); }

    // Requests a stop and waits until the work has returned. Idempotent.
    void stop();

  private:
    std::jthread thread_;
};

// Waits for `duration`. Returns false at once when a stop is requested, or was before.
bool wait_unless_stopped(const std::stop_token& stop, std::chrono::milliseconds duration);

}  // namespace slipway
