// The JSON of events: the same for the API, the replay and the dump. It loses no field, and a dump
// can be read back.

#pragma once

#include "eventlog/base/digest.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/base/result.h"
#include "eventlog/events/event.h"

#include <string_view>
#include <vector>

namespace slipway {

// With `digest`, that of its record in the chain.
void write_json(JsonWriter& json, const RecordedEvent& recorded, const Digest* digest);

// Reads what write_json wrote. Errors: invalid, which names the field, what was found and what is
// accepted: a member that is not known is one.
Result<RecordedEvent> event_of_json(std::string_view line);

// The TypeID of the object that `event` is about, or "server".
std::string stream_text(const Event& event);

// Every type's name, in the order of Event.
std::vector<std::string_view> event_type_names();

}  // namespace slipway
