// One event of every type, as the files of tests/eventlog/golden hold them in bytes. What is here
// is never changed: a release wrote it.

#pragma once

#include "eventlog/events/event.h"

#include <string>
#include <vector>

namespace slipway {

std::vector<RecordedEvent> golden_events();

// The bytes of `name`, a file of tests/eventlog/golden in hexadecimal, or nothing if there is none.
std::string golden_bytes(const std::string& name);

// As those files hold them: 32 bytes a line.
std::string lines_of_hex(const std::string& bytes);

}  // namespace slipway
