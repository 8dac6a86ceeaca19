// The scrub reads the whole log again and proves each record of it, once a day and beside the work.
// A start does so too; but a server may run for a year, and a disk may rot in that time. On a
// thread of its own, so slowly that nobody notices.

#pragma once

#include "eventlog/base/stoppable_thread.h"
#include "eventlog/log/event_log.h"

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

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

    // Leaves what it is at, and ends. Idempotent.
    void stop() { thread_.stop(); }

  private:
    void run(const std::stop_token& stop);
    // Nothing: it was stopped.
    std::optional<Result<void>> scrub(const std::stop_token& stop);

    const EventLog& log_;
    Options options_;
    Done done_;
    StoppableThread thread_;
};

// Read and proven in one go.
inline constexpr std::uint64_t kScrubRecords = 1'000;

}  // namespace slipway
