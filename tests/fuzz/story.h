// The story that targets with a state begin with, and what is true of everything that happens in
// it.

#pragma once

#include "eventlog/events/event.h"
#include "projections/state.h"

#include <vector>

namespace slipway {

// The world of tests/support/fixtures.h, and in it at noon: db is due before api, and that before a
// deployment of a rival; a token of each role, an invitation, and a deployment that is under way.
std::vector<RecordedEvent> story();

// The tokens of that story, and what opens its invitation.
inline constexpr std::string_view kViewerToken = "slp_viewer";
inline constexpr std::string_view kDeployerToken = "slp_deployer";
inline constexpr std::string_view kOwnerToken = "slp_owner";
inline constexpr std::string_view kRivalToken = "slp_rival";
inline constexpr std::string_view kInvitation = "inv_invitation";

// Of an event that was accepted: it is read back as it is, from its bytes and from its JSON.
void check_event(const RecordedEvent& recorded);

// Of a state: it is what `history` adds up to, and nothing in it contradicts anything else.
void check_state(const State& state, const std::vector<RecordedEvent>& history);

}  // namespace slipway
