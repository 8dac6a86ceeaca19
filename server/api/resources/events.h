// Reading events for those who may see them: in pages, as a stream that goes on, and as they stand
// in the log.

#pragma once

#include "eventlog/events/event.h"
#include "server/api/exchange.h"
#include "server/api/services.h"

#include <optional>
#include <string>

namespace slipway {

struct EventFilters {
    Position after;
    std::string type;
    std::optional<Uuid> stream;
    std::optional<Instant> from;
    std::optional<Instant> to;

    bool wants(const RecordedEvent& recorded) const;
};

// type, stream, from, to.
void read_event_filters(Filters& filters, EventFilters& wanted);

// A position of the log; 0 if it is absent.
Position read_position(Filters& filters, std::string_view name);

// The events of one stream, newest first.
Reply stream_history(const Call& call, Uuid stream);

}  // namespace slipway
