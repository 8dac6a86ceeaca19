// Why a schedule or a deployment is where it is: as a word for machines, and as a sentence for
// people. Both follow from the state alone.

#pragma once

#include "projections/render.h"

#include <string>
#include <string_view>

namespace slipway {

// One of the API's StatusReason; empty while there is nothing to explain (scheduled, due, running,
// succeeded).
std::string_view status_reason(const ScheduleView& view, RowIndex row);

// What a person said about it or, where nobody said anything, what happened. Empty if there is
// nothing to say.
std::string status_note(const ScheduleView& view, RowIndex row);

}  // namespace slipway
