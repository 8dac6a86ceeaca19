#include "server/engine/pending_changes.h"

#include <algorithm>

namespace slipway {

void PendingChanges::add(Position position, TeamId team, Uuid stream, Part part) {
    changes_.push_back({position, team, stream, part});
    streams_[stream] = position;
    teams_[team][static_cast<std::size_t>(part)] = position;
    last_[static_cast<std::size_t>(part)] = position;
}

void PendingChanges::durable_up_to(Position position) {
    while (!changes_.empty() && changes_.front().position <= position) {
        const Change& change = changes_.front();
        const auto stream = streams_.find(change.stream);
        if (stream != streams_.end() && stream->second <= position) streams_.erase(stream);
        const auto team = teams_.find(change.team);
        if (team != teams_.end()) {
            Position& last = team->second[static_cast<std::size_t>(change.part)];
            if (last <= position) last = {};
            if (team->second == Parts{}) teams_.erase(team);
        }
        changes_.pop_front();
    }
    for (Position& last : last_) {
        if (last <= position) last = {};
    }
}

Position PendingChanges::of_stream(Uuid stream) const {
    const auto found = streams_.find(stream);
    return found == streams_.end() ? Position{} : found->second;
}

Position PendingChanges::of_team(TeamId team, Part part) const {
    const auto found = teams_.find(team);
    return found == teams_.end() ? Position{} : found->second[static_cast<std::size_t>(part)];
}

Position PendingChanges::of_team(TeamId team) const {
    const auto found = teams_.find(team);
    if (found == teams_.end()) return {};
    return *std::max_element(found->second.begin(), found->second.end());
}

}  // namespace slipway
