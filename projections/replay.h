// The one way from the records of a log to its events.

#pragma once

#include "eventlog/events/event.h"
#include "eventlog/log/log_reader.h"

#include <functional>

namespace slipway {

// Sees an event and the record that it was decoded from. Returns false to see no more. An error
// ends the replay too, which returns it.
using EventVisitor = std::function<Result<bool>(const RecordedEvent&, const Record&)>;

// Shows `visit` each event in [from, to], in order. The range must be durable; checksums and the
// chain of digests are verified on the way. That it was seen to its end only `visit` knows.
//
// Errors: those of `visit`; corruption, which names the position; io.
Result<void> replay(const LogReader& log, Position from, Position to, const EventVisitor& visit);

// Decodes each record that it sees and shows its event to `visit`. Errors: those of `visit`;
// corruption, which names the position.
LogReader::Visitor decoded(EventVisitor visit);

}  // namespace slipway
