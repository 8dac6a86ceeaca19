// How many attempts are under way, and whose: the shares of the server's attempts, and of the
// connections to one target. It keeps room for whoever comes next in advance, because a target that
// hangs gives nothing back for up to five minutes.
//
// Of a pool, a user (of all teams) may hold as many as are free, and a team at most half of what
// its user may still get:
//
//   pool of 1,000, one user alone:    500 for the user, 250 for a team
//   the next user then:               375 for the user, 187 for a team
//
// So one user takes at most half, however many teams, apps and tokens there are. Independent of
// that, a team that holds none gets one as long as any is free.
//
// Not thread-safe: the lane's thread.

#pragma once

#include "eventlog/base/id.h"

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace slipway {

// The most attempts under way at once. Each is an option of slipway-server; see server/README.md.
struct AttemptLimits {
    std::size_t attempts = 1'000;         // of the server: descriptors and memory
    std::size_t per_team = 250;           // over all apps and targets of a team
    std::size_t per_app = 64;             // so that a slow target leaves room for other apps
    std::size_t per_target = 256;         // connections to one scheme, host and port
    std::size_t per_target_of_team = 32;  // of those: what a modest receiver takes at once
};

// What an attempt counts against.
struct AttemptOwner {
    UserId user;  // who asked for the deployment; nil: the server itself
    TeamId team;
    AppId app;
    std::string target;  // its origin
};

// For what an attempt waits that could start.
enum class AttemptWait : std::uint8_t {
    none,
    server_limit,  // attempts of the server
    team_share,    // the team or its user has its share of them
    target_limit,  // connections to the target
    target_share,  // the team or its user has its share of them
    app_limit,
};

// The word of the API; empty for none.
std::string_view name_of(AttemptWait wait);

// Who holds what of one pool.
class SharedPool {
  public:
    // Requires: max > 0, per_team_max > 0.
    SharedPool(std::size_t max, std::size_t per_team_max)
        : max_(max), per_team_max_(per_team_max) {}

    bool is_full() const { return held_ >= max_; }
    bool is_empty() const { return held_ == 0; }
    // Whether the user or team has its share. If the user has, so has each of its teams that holds
    // one.
    bool has_share(UserId user, TeamId team) const;
    void take(UserId user, TeamId team);
    void give_back(UserId user, TeamId team);

  private:
    std::size_t max_;
    std::size_t per_team_max_;
    std::size_t held_ = 0;
    absl::flat_hash_map<UserId, std::size_t> of_user_;
    absl::flat_hash_map<TeamId, std::size_t> of_team_;
    absl::flat_hash_map<std::pair<UserId, TeamId>, std::size_t> of_both_;
};

class AttemptShares {
  public:
    explicit AttemptShares(AttemptLimits limits);

    // Each asks about one step of the way: the server, then the team, the target, the app.
    bool is_full() const { return all_.is_full(); }
    bool has_share(UserId user, TeamId team) const { return all_.has_share(user, team); }
    AttemptWait at_target(UserId user, TeamId team, const std::string& target) const;
    bool is_app_full(AppId app) const;
    // All of it: why `owner` may start none now.
    AttemptWait wait_of(const AttemptOwner& owner) const;

    void take(const AttemptOwner& owner);
    void give_back(const AttemptOwner& owner);

    const AttemptLimits& limits() const { return limits_; }

  private:
    AttemptLimits limits_;
    SharedPool all_;
    absl::flat_hash_map<std::string, SharedPool> of_target_;
    absl::flat_hash_map<AppId, std::size_t> of_app_;
};

}  // namespace slipway
