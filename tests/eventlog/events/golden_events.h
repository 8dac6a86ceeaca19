// One event of every type, as the files of tests/eventlog/golden hold them in bytes. What is here
// is never changed: a release wrote it. A type that gains a field gets a second event, with a
// second file.

#pragma once

#include "eventlog/events/event.h"

#include <string>
#include <vector>

namespace slipway {

struct GoldenEvent {
    RecordedEvent recorded;
    std::string file;  // of tests/eventlog/golden
};

// The first of every type, in the order of the types.
std::vector<RecordedEvent> golden_events();
// Those, and the events whose types have gained fields since.
std::vector<GoldenEvent> all_golden_events();

// The bytes of `name`, a file of tests/eventlog/golden in hexadecimal, or nothing if there is none.
std::string golden_bytes(const std::string& name);

// As those files hold them: 32 bytes a line.
std::string lines_of_hex(const std::string& bytes);

}  // namespace slipway
