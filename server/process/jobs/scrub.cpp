#include "server/process/jobs/scrub.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace slipway {

Scrub::Scrub(const EventLog& log, Options options, Done done)
    : log_(log),
      options_(options),
      done_(std::move(done)),
      thread_("scrub", [this](const std::stop_token& stop) { run(stop); }) {}

void Scrub::run(const std::stop_token& stop) {
    while (wait_unless_stopped(stop, options_.interval)) {
        if (const auto found = scrub(stop)) done_(*found);
    }
}

std::optional<Result<void>> Scrub::scrub(const std::stop_token& stop) try {
    const Position end = log_.durable();
    for (std::uint64_t first = 1; first <= end.value; first += kScrubRecords) {
        const Position last{std::min(first + kScrubRecords - 1, end.value)};
        auto scanned = log_.scan(Position{first}, last, [](const Record&) { return true; });
        if (!scanned) return scanned;
        if (!wait_unless_stopped(stop, options_.pause)) return std::nullopt;
    }
    return Result<void>{};
} catch (const std::exception& why) {
    // No memory, for instance: this says nothing about the log, and the next scrub may succeed.
    return Result<void>{Error{ErrorCode::unavailable, std::string{"scrub: "} + why.what()}};
}

}  // namespace slipway
