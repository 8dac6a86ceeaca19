// PendingChanges: which changes are applied to the state and not durable yet. A read asks it how
// far the log must be synced before its answer may be sent, so that a read waits for the disk only
// if it shows something that a crash could take back.
//
// A position of 0 means that everything in question is durable. Not thread-safe: the lane's thread.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace slipway {

class PendingChanges {
  public:
    // The parts of a team that are read apart from each other: the team itself with its members,
    // tokens, invitations and credentials; its apps; its schedules and deployments.
    enum class Part : std::uint8_t { team, apps, schedules };

    // Requires: positions ascend. A nil team stands for the server itself.
    void add(Position position, TeamId team, Uuid stream, Part part);

    void durable_up_to(Position position);

    // The last pending change of one object.
    Position of_stream(Uuid stream) const;
    // The last pending change of one part of a team.
    Position of_team(TeamId team, Part part) const;
    // The last pending change of one part of any team.
    Position of_any_team(Part part) const { return last_[static_cast<std::size_t>(part)]; }
    // The last pending change of anything in a team.
    Position of_team(TeamId team) const;

  private:
    struct Change {
        Position position;
        TeamId team;
        Uuid stream;
        Part part;
    };
    using Parts = std::array<Position, 3>;

    std::deque<Change> changes_;
    absl::flat_hash_map<Uuid, Position> streams_;
    absl::flat_hash_map<TeamId, Parts> teams_;
    Parts last_{};
};

}  // namespace slipway
