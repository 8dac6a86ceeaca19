// The whole state as JSON lines: where in the log it is and its fingerprint, the server, then team
// after team: its invitations, tokens and credentials, apps, schedules (each with what must be
// deployed before it) and deployments, oldest due first; at the end how many lines came before.
// No secret is in it.

#pragma once

#include "projections/state.h"

#include <functional>
#include <string_view>

namespace slipway {

// {"kind": "app", "value": {…}}. Once `write` returned false it is called no more; then false.
bool dump_state(const State& state, const std::function<bool(std::string_view line)>& write);

}  // namespace slipway
