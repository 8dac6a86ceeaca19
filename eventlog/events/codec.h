// Events to bytes and back. The bytes are a FlatBuffer. Its tables follow from the descriptions of
// the events: see README.md.
//
// Threads: any. Bytes may be hostile: they are verified before a field is read.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/events/event.h"

#include <string>
#include <string_view>

namespace slipway {

// The same event gives the same bytes.
// Requires: envelope.stream is stream_of(event).
std::string encode(const Envelope& envelope, const Event& event);

// Verifies before it reads. Errors: invalid (not an event, or one of a newer version; it names the
// position).
Result<RecordedEvent> decode(Position position, std::string_view bytes);

}  // namespace slipway
