// How far the tools that look at a log read, and how they take ids.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/events/event.h"

#include <optional>
#include <string>

namespace slipway {

// How far to read: a position, an instant, or to the end.
struct Bound {
    std::optional<Position> position;
    std::optional<Instant> instant;

    // Errors: invalid.
    static Result<Bound> parse(const std::string& text);
    bool contains(const RecordedEvent& recorded) const;
};

// The UUID in an id of any kind.
std::optional<Uuid> uuid_of_any(const std::string& id);

}  // namespace slipway
