// What the tools that look at a log share: opening a copy of it, and saying how far to read.

#pragma once

#include "eventlog/events/event.h"
#include "eventlog/log/event_log.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace slipway {

// The log of a data directory, or the log directory itself. Opens a copy: the original is not
// touched, and may be in use.
Result<std::unique_ptr<EventLog>> open_log_copy(const std::filesystem::path& directory);

// How far to read: a position, an instant, or to the end.
struct Bound {
    std::optional<Position> position;
    std::optional<Instant> instant;

    // Errors: invalid.
    static Result<Bound> parse(const std::string& text);
    bool contains(const RecordedEvent& recorded) const;
};

// Shows `visit` every event within `bound`, verified and in order; false to see no more. Errors:
// corruption, invalid, io, with the first bad position.
Result<void> read_events(const EventLog& log, const Bound& bound,
                         const std::function<bool(const RecordedEvent&, const Digest&)>& visit);

// The UUID in an id of any kind.
std::optional<Uuid> uuid_of_any(const std::string& id);

}  // namespace slipway
