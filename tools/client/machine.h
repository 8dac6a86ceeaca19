// What the client asks the machine that it runs on: its clock, its zone, chance, the environment
// and files. The only place of the client that does. Unlike a server, a program for people has to
// know the zone of the machine it is typed at.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/base/time.h"
#include "tools/client/when.h"

#include <optional>
#include <string>

namespace slipway {

Instant machine_now();
void machine_pause(Millis duration);

// From now on Ctrl-C ends the program at once, as what was meant, and not as a failure.
void machine_end_on_interrupt();

// The machine's own zone, if it tells.
std::optional<ZoneGuess> machine_zone();

// By the machine's zone database. Nothing if it has no such zone. Not for several threads: it sets
// TZ.
std::optional<Seconds> machine_offset_at(const std::string& zone, Instant at);

// 128 bits of chance, in hexadecimal.
std::string machine_random_key();

// "" if it is not set.
std::string machine_environment(const std::string& name);

// A file; for "-" standard input. Errors: not_found, io, invalid (over 1 MiB, the server's limit).
Result<std::string> read_input(const std::string& path);

// Whether others than the owner may read it.
bool is_readable_by_others(const std::string& path);

}  // namespace slipway
