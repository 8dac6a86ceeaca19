// The JSON of events: the same for the API, the replay and the dump. It loses no field, and a dump
// can be read back.

#pragma once

#include "eventlog/base/digest.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/base/result.h"
#include "eventlog/events/event.h"

#include <string_view>

namespace slipway {

// Which log a dump is of, and where the log ended when the dump was made. The first line of a whole
// dump carries it, so that a log restored from the dump is the same log.
struct LogHead {
    Uuid log_id;
    Position position;  // the last one
    Digest digest{};    // of the record there
    friend bool operator==(const LogHead&, const LogHead&) = default;
};

// With `digest`, that of its record in the chain; with `head`, as the first line of a dump.
void write_json(JsonWriter& json, const RecordedEvent& recorded, const Digest* digest,
                const LogHead* head = nullptr);

// Reads what write_json wrote, but for the head. Errors: invalid, which names the field, what was
// found and what is accepted: a member that is not known is one.
Result<RecordedEvent> event_of_json(std::string_view line);

}  // namespace slipway
