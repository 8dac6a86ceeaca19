// The one rule of which command may use the room that the log keeps back (eventlog/log/urgency.h).

#pragma once

#include "eventlog/log/urgency.h"
#include "server/domain/command.h"

namespace slipway {

// Closing: what ends, stops, holds or revokes something. Due: what the clock asks for. Normal: the
// rest. A new command does not compile until it has its place here.
Urgency urgency_of(const Command& command);

}  // namespace slipway
