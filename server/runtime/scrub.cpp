#include "server/runtime/scrub.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace slipway {

Scrub::Scrub(const EventLog& log, Options options, Done done)
    : log_(log), options_(options), done_(std::move(done)), thread_([this] { run(); }) {}

void Scrub::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    stopped_.notify_all();
    thread_.join();
}

void Scrub::run() {
    pthread_setname_np(pthread_self(), "scrub");
    while (wait(options_.interval)) {
        if (const auto found = scrub()) done_(*found);
    }
}

std::optional<Result<void>> Scrub::scrub() try {
    const Position end = log_.durable();
    for (std::uint64_t first = 1; first <= end.value; first += kScrubRecords) {
        const Position last{std::min(first + kScrubRecords - 1, end.value)};
        auto scanned = log_.scan(Position{first}, last, [](const Record&) { return true; });
        if (!scanned) return scanned;
        if (!wait(options_.pause)) return std::nullopt;
    }
    return Result<void>{};
} catch (const std::exception& why) {
    // No memory, for instance: this says nothing about the log, and the next scrub may succeed.
    return Result<void>{Error{ErrorCode::unavailable, std::string{"scrub: "} + why.what()}};
}

bool Scrub::wait(std::chrono::milliseconds duration) {
    std::unique_lock lock{mutex_};
    return !stopped_.wait_for(lock, duration, [this] { return stopping_; });
}

}  // namespace slipway
