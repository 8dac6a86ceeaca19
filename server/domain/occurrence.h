// When a wall clock of a zone occurs: the instant, and what was done if it occurs twice or never.
//
// The meaning is that of ECMAScript's Temporal, and so of RFC 5545 and java.time: a wall clock that
// the clocks jump over is shifted by the length of the jump, 02:30 to 03:30, and never moved to the
// end of it.

#pragma once

#include "eventlog/base/time.h"
#include "eventlog/events/vocabulary.h"
#include "server/domain/zone_rules.h"

#include <variant>

namespace slipway {

struct Occurrence {
    Instant due;
    Seconds offset;  // in force at `due`
    Resolution resolution;

    friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

// Why Disambiguation::reject says no, and what the other choices would have given.
struct OccurrenceRefused {
    bool ambiguous;  // it occurs twice; otherwise never
    Occurrence earlier;
    Occurrence later;

    friend bool operator==(const OccurrenceRefused&, const OccurrenceRefused&) = default;
};

// Refused only under Disambiguation::reject.
//
// Requires: a year from kYearMin to kYearMax. The instant may lie a day outside of them.
std::variant<Occurrence, OccurrenceRefused> resolve(LocalTime wall, const ZoneRules& rules,
                                                    Disambiguation disambiguation);

// What the clock on the wall shows, its milliseconds dropped.
LocalTime wall_at(Instant instant, const ZoneRules& rules);

}  // namespace slipway
