// What other zone rules mean for schedules that were resolved before: a wall clock may stand for
// another instant, and what hangs below moves along. Only what is still to come moves: an instant
// that has been acted on, or passed while somebody held it, has passed by the rules of its day.

#pragma once

#include "projections/state.h"
#include "server/domain/occurrence.h"
#include "server/domain/plan.h"
#include "server/domain/zones.h"

#include <optional>

namespace slipway {

// Whether a parent that is still to come gives it its time.
bool follows_parent(const State& state, const ScheduleRow& row);

// Whether its own wall clock gives it its instant, and was resolved with other rules than `zones`.
// Cheap: for looking at millions.
bool may_move(const State& state, const ScheduleRow& row, Instant now, const Zones& zones);

// Its zone by the name that was given, or by its canonical one; nothing if the rules have neither
// any more: then its instant stays.
std::optional<Zone> zone_of(const State& state, const ScheduleRow& row, const Zones& zones);

// When its wall clock occurs in `zone`, if that is another instant than the one it has.
std::optional<Occurrence> moved_occurrence(const ScheduleRow& row, const Zone& zone);

// Moves what gives `row` its time (itself, or what it is deployed for) and all that hangs below, if
// the rules of the day say so. What would have passed then misfires, and never runs at once.
// Returns whether `row` was moved.
bool reresolve(const State& state, RowIndex row, const Context& context, Plan& plan);

}  // namespace slipway
