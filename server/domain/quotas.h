// The quotas: how much of what stays in memory a user, a team and all together may make. A decision
// that would make more is refused with 409 quota_exceeded; a replay refuses nothing. A change that
// makes nothing larger is never refused, so that a team over a lowered quota can still clean up.

#pragma once

#include "projections/state.h"
#include "server/domain/rejection.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway {

inline constexpr std::uint64_t kMiB = 1024 * 1024;

struct Quotas {
    std::uint64_t teams_per_user = 20;
    std::uint64_t memberships_per_user = 1'000;
    std::uint64_t mib_per_user = 512;
    std::uint64_t members = 1'000;
    std::uint64_t invitations = 200;
    std::uint64_t tokens = 1'000;
    std::uint64_t credentials = 1'000;
    std::uint64_t apps = 1'000;
    std::uint64_t definitions_mib = 256;
    std::uint64_t pending = 100'000;
    std::uint64_t texts_mib = 64;
    std::uint64_t mib = 2'048;
    std::uint64_t revoked_users = 100'000;
};

// One quota: what is counted, and the option that sets it.
struct Quota {
    std::uint64_t Quotas::*limit;
    std::string_view name;     // in metrics
    std::string_view setting;  // the server's option
    std::string_view help;
    std::uint64_t unit;  // the limit is so many of these
};

inline constexpr std::array<Quota, 13> kQuotas{{
    {&Quotas::teams_per_user, "teams_per_user", "--user-teams-max", "Teams that a user may create",
     1},
    {&Quotas::memberships_per_user, "memberships_per_user", "--user-memberships-max",
     "Teams that a user may be a member of", 1},
    {&Quotas::mib_per_user, "bytes_per_user", "--user-mib-max",
     "MiB of memory that all teams that one user created may fill", kMiB},
    {&Quotas::members, "members", "--team-members-max", "Members of a team", 1},
    {&Quotas::invitations, "invitations", "--team-invitations-max", "Open invitations of a team",
     1},
    {&Quotas::tokens, "tokens", "--team-tokens-max", "API tokens of a team", 1},
    {&Quotas::credentials, "credentials", "--team-credentials-max", "Credentials of a team", 1},
    {&Quotas::apps, "apps", "--team-apps-max", "Apps of a team that are not archived", 1},
    {&Quotas::definitions_mib, "definition_bytes", "--team-definitions-mib-max",
     "MiB of definitions of a team: the newest of each app, and those that open schedules are "
     "pinned to",
     kMiB},
    {&Quotas::pending, "pending", "--team-pending-max",
     "Deployments of a team that are scheduled or under way, dependencies included", 1},
    {&Quotas::texts_mib, "text_bytes", "--team-texts-mib-max",
     "MiB of notes and labels of the deployments that are scheduled or under way", kMiB},
    {&Quotas::mib, "bytes", "--memory-mib-max",
     "MiB of memory that all teams together may fill with their entries, apps and open deployments",
     kMiB},
    {&Quotas::revoked_users, "revoked_users", "--revoked-users-max",
     "Users whose tokens were revoked", 1},
}};

const Quota& quota_of(std::uint64_t Quotas::*limit);

// ---- What is used. Bytes are of memory.

// Of the team and its entries, its apps, and its deployments that have not ended with their
// attempts.
std::uint64_t bytes_of(const State& state, TeamId team);
std::uint64_t bytes_of_founder(const State& state, UserId founder);
// Of all teams, and of the users whose tokens were revoked.
std::uint64_t bytes_of_all(const State& state);

// The highest use that anybody makes of each quota, in the order of kQuotas. A step for each team
// and each member.
std::array<std::uint64_t, kQuotas.size()> highest_use(const State& state);

// ---- Whether there is room

// The rejection if `used` grows by `more` over the limit. `whose` is said in it: "the team".
std::optional<Rejection> check_quota(const Quotas& quotas, std::uint64_t Quotas::*limit,
                                     std::uint64_t used, std::uint64_t more,
                                     std::string_view whose);

// The rejection if the user may not create `team`.
std::optional<Rejection> check_founder(const State& state, const Quotas& quotas, UserId user,
                                       const Team& team);

// The rejection if there is no room for one member more. `user`: nothing for a new user.
// `team_bytes`: that the team's entries grow by.
std::optional<Rejection> check_member(const State& state, const Quotas& quotas, const Team& team,
                                      const std::optional<UserId>& user, std::uint64_t team_bytes);

// The rejection if the tokens of one user more may not be revoked. None for one whose tokens were.
std::optional<Rejection> check_revocation(const State& state, const Quotas& quotas, UserId user);

// What a change adds to the memory that a team takes.
struct Growth {
    std::uint64_t definition_bytes = 0;
    std::uint64_t rows = 0;
    std::uint64_t text_bytes = 0;
    std::uint64_t team_bytes = 0;  // of entries of the team
};

// The rejection if what the team takes grows so over one of its quotas, its founder's or that of
// all. Requires: the team is there.
std::optional<Rejection> check_growth(const State& state, const Quotas& quotas, TeamId team,
                                      const Growth& growth);

// As check_growth, of other texts of a schedule that has not ended.
std::optional<Rejection> check_text(const State& state, const Quotas& quotas, RowIndex row,
                                    const ScheduleText& text);

// As check_text, of the team's quota of texts alone: other teams that fill what all share keep
// nobody from holding or releasing a deployment, with a reason.
std::optional<Rejection> check_reason(const State& state, const Quotas& quotas, RowIndex row,
                                      const ScheduleText& text);

}  // namespace slipway
