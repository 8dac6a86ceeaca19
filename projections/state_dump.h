// The whole state as JSON lines: the server, teams, apps, then schedules (each with what must be
// deployed before it) and deployments, oldest due first.

#pragma once

#include "projections/state.h"

#include <functional>
#include <string_view>

namespace slipway {

// {"kind": "app", "value": {…}}
void dump_state(const State& state, const std::function<void(std::string_view line)>& write);

}  // namespace slipway
