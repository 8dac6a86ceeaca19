// The scrub reads the whole log again and proves each record of it, once a day and beside the work.
// A start does so too; but a server may run for a year, and a disk may rot in that time. On a
// thread of its own, so slowly that nobody notices.

#pragma once

#include "eventlog/log/event_log.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace slipway {

class Scrub {
  public:
    struct Options {
        std::chrono::milliseconds interval = std::chrono::hours{24};  // between two of them
        std::chrono::milliseconds pause{20};  // after each kScrubRecords: others want the disk too
    };

    // Hears of each scrub's end, on the scrub's thread. Errors: corruption, which names the
    // position; io; unavailable (it could not be done, and says nothing about the log).
    using Done = std::function<void(const Result<void>&)>;

    Scrub(const EventLog& log, Options options, Done done);
    Scrub(const Scrub&) = delete;
    Scrub& operator=(const Scrub&) = delete;
    ~Scrub() { stop(); }

    // Leaves what it is at, and ends. Idempotent.
    void stop();

  private:
    void run();
    // Nothing: it was stopped.
    std::optional<Result<void>> scrub();
    // Returns whether to go on.
    bool wait(std::chrono::milliseconds duration);

    const EventLog& log_;
    Options options_;
    Done done_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::thread thread_;
};

// Read and proven in one go.
inline constexpr std::uint64_t kScrubRecords = 1'000;

}  // namespace slipway
