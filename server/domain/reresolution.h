// Re-resolution: which instant a schedule has by other zone rules than those that it was resolved
// with. A wall clock may stand for another instant, and the dependencies below it move along. Only
// what is still to come moves: a schedule that is waiting, or whose instant passed while somebody
// held it, keeps the instant that the rules of that day gave it.

#pragma once

#include "projections/state.h"
#include "server/domain/occurrence.h"
#include "server/domain/plan.h"
#include "server/domain/zones.h"

#include <optional>
#include <vector>

namespace slipway {

// Whether a parent that is still to come gives it its time.
bool follows_parent(const State& state, const ScheduleRow& row);

// Whether its own wall clock gives it its instant, and was resolved with other rules than `zones`.
// Cheap: for looking at millions.
bool may_move(const State& state, const ScheduleRow& row, Instant now, const Zones& zones);

// Its zone by the name that was given, or by its canonical one; nothing if the rules have neither
// any more: then its instant stays.
std::optional<Zone> zone_of(const State& state, const ScheduleRow& row, const Zones& zones);

// Whether its instant and the canonical name of its zone are those that `zone` gives it.
bool is_settled(const State& state, const ScheduleRow& row, const Zone& zone);

// When its wall clock occurs in `zone`, if that is another instant than the one it has.
std::optional<Occurrence> moved_occurrence(const ScheduleRow& row, const Zone& zone);

// Moves `row`, the schedule that gives it its instant, and all dependencies below that one to the
// instants of the rules in force. A schedule that would have passed by then misfires, and never
// runs at once. Reads statuses and instants as `plan` has them so far, so that a release can come
// before. Returns whether `row` was moved. Does nothing a second time.
bool reresolve(const State& state, RowIndex row, const Context& context, Plan& plan);

// As reresolve(), once, for `row` and the dependencies `along` that were released with it.
void reresolve_released(const State& state, RowIndex row, const std::vector<RowIndex>& along,
                        const Context& context, Plan& plan);

}  // namespace slipway
