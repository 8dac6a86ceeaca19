// The teams: their members, and the role of each.

#pragma once

#include "eventlog/events/event.h"
#include "projections/fingerprint.h"

#include <absl/container/flat_hash_map.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct Member {
    std::string name;
    Role role = Role::viewer;
    Instant added_at;
};

struct Team {
    TeamId id;
    std::string name;
    Instant created_at;
    Version version;
    std::map<UserId, Member> members;

    std::size_t owners() const;
};

class Teams {
  public:
    void apply(const Envelope& envelope, const TeamCreated& event);
    void apply(const Envelope& envelope, const MemberAdded& event);
    void apply(const Envelope& envelope, const MemberRoleChanged& event);
    void apply(const Envelope& envelope, const MemberRemoved& event);

    const Team* find(TeamId id) const;
    // Nothing if `user` is not a member of `team`.
    std::optional<Role> role_of(UserId user, TeamId team) const;
    // In order of id. Empty for a user that nobody added.
    const std::vector<TeamId>& teams_of(UserId user) const;

    // Teams by a number from 0 that stays, for rows that cannot afford an id. Requires: find(id).
    std::uint32_t index_of(TeamId id) const { return indexes_.at(id); }
    const Team& at(std::uint32_t index) const { return teams_[index]; }
    std::size_t size() const { return teams_.size(); }

    void add_to(Fingerprint& fingerprint) const;

  private:
    Team& changed(const Envelope& envelope, TeamId id);
    void add_team_of(UserId user, TeamId team);

    std::vector<Team> teams_;
    absl::flat_hash_map<TeamId, std::uint32_t> indexes_;
    absl::flat_hash_map<UserId, std::vector<TeamId>> teams_of_;
};

}  // namespace slipway
