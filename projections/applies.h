// Which events a projection applies: it has an apply() for each of them, and for no other.

#pragma once

#include "eventlog/events/event.h"

namespace slipway {

// With the envelope alone.
template <class Projection, class E>
concept AppliesEnveloped = requires(Projection& to, const Envelope& envelope, const E& event) {
    to.apply(envelope, event);
};

// With the envelope and the position in the log.
template <class Projection, class E>
concept AppliesRecorded = requires(Projection& to, const RecordedEvent& recorded, const E& event) {
    to.apply(recorded, event);
};

}  // namespace slipway
