// A high-water mark is the end of a log as somebody has seen it durable, kept outside of that log.
// A log that ends before its mark, or holds another record there, was put back to an earlier state:
// by a restore in place, or by the rollback of its volume.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/log/event_log.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

struct HighWater {
    Uuid log_id;
    Position position;
    std::string digest;  // of the log up to there, in hexadecimal digits
    friend bool operator==(const HighWater&, const HighWater&) = default;
};

// The end of what is durable in `log` now.
HighWater high_water_of(const EventLog& log);

// LOG_ID:POSITION:DIGEST
std::string text_of(const HighWater& mark);
std::optional<HighWater> parse_high_water(std::string_view text);

// Says in words why `log` is not where `mark` saw it: it is another log, ends earlier, or has
// another record there. Nothing if it is. Errors: corruption, io.
Result<std::optional<std::string>> contradiction(const EventLog& log, const HighWater& mark);

// Nothing if there is no such file, or it is empty. Errors: invalid (it is something else), io.
Result<std::optional<HighWater>> read_high_water(const std::filesystem::path& file);

// Replaces the file. Errors: io.
Result<void> write_high_water(const std::filesystem::path& file, const HighWater& mark);

}  // namespace slipway
