// What is true of every state, whatever happened.

#pragma once

#include "projections/state.h"

#include <string>
#include <vector>

namespace slipway {

// What is wrong with `state`, which `history` added up to; empty if nothing is. The queues hold
// exactly what the rows say, trees are linked and counted right, and each run stands where its
// schedule's status says.
std::string broken_invariant(const State& state, const std::vector<RecordedEvent>& history);

// As above, of the history itself: at most one DeploymentDue in a stream, nothing after its end,
// and nothing that was cancelled was ever due.
std::string broken_history(const std::vector<RecordedEvent>& history);

}  // namespace slipway
