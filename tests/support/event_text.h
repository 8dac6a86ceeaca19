// An event in words, for the messages of tests that fail.

#pragma once

#include "eventlog/events/event.h"

#include <string>

namespace slipway {

// DeploymentHeld{schedule: sched_…, reason: misfire, note: "", dependency: none}
std::string event_text(const Event& event);

// One a line.
std::string event_text(const std::vector<Event>& events);

}  // namespace slipway
