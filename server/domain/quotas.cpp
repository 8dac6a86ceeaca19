#include "server/domain/quotas.h"

#include "eventlog/base/check.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <string>

namespace slipway {

const Quota& quota_of(std::uint64_t Quotas::*limit) {
    const auto at = std::find_if(kQuotas.begin(), kQuotas.end(),
                                 [&](const Quota& quota) { return quota.limit == limit; });
    CHECK(at != kQuotas.end());
    return *at;
}

// ---- What is used

std::uint64_t bytes_of(const State& state, TeamId team) {
    return state.teams().bytes_of(team) + state.apps().use_of(team).bytes +
           state.schedules().use_of(team).bytes();
}

std::uint64_t bytes_of_founder(const State& state, UserId founder) {
    std::uint64_t bytes = 0;
    for (const TeamId team : state.teams().founded_by(founder)) bytes += bytes_of(state, team);
    return bytes;
}

std::uint64_t bytes_of_all(const State& state) {
    return state.teams().bytes() + state.apps().use().bytes + state.schedules().use().bytes() +
           state.installation().revocation_bytes();
}

std::array<std::uint64_t, kQuotas.size()> highest_use(const State& state) {
    Quotas highest{};
    for (const Quota& quota : kQuotas) highest.*quota.limit = 0;
    const auto raise = [](std::uint64_t& to, std::uint64_t use) { to = std::max(to, use); };
    absl::flat_hash_map<UserId, std::uint64_t> bytes_of_user;
    for (std::uint32_t i = 0; i < state.teams().size(); ++i) {
        const Team& team = state.teams().at(i);
        const AppUse& apps = state.apps().use_of(team.id);
        const ScheduleUse& schedules = state.schedules().use_of(team.id);
        raise(highest.teams_per_user, state.teams().founded_by(team.founder).size());
        raise(highest.mib_per_user, bytes_of_user[team.founder] += bytes_of(state, team.id));
        raise(highest.members, team.members.size());
        raise(highest.invitations, team.invitations.size());
        raise(highest.tokens, team.tokens.size());
        raise(highest.credentials, team.credentials.size());
        raise(highest.apps, apps.live);
        raise(highest.definitions_mib, apps.bytes);
        raise(highest.pending, schedules.rows);
        raise(highest.texts_mib, schedules.text_bytes);
    }
    highest.memberships_per_user = state.teams().most_memberships();
    highest.mib = bytes_of_all(state);
    highest.revoked_users = state.installation().users_with_revoked_tokens();
    std::array<std::uint64_t, kQuotas.size()> uses{};
    for (std::size_t i = 0; i < uses.size(); ++i) uses[i] = highest.*kQuotas[i].limit;
    return uses;
}

// ---- Whether there is room

std::optional<Rejection> check_quota(const Quotas& quotas, std::uint64_t Quotas::*limit,
                                     std::uint64_t used, std::uint64_t more,
                                     std::string_view whose) {
    const Quota& quota = quota_of(limit);
    const std::uint64_t most = quotas.*limit * quota.unit;
    if (more == 0 || used + more <= most) return std::nullopt;
    const char* const bytes = quota.unit == 1 ? "" : " bytes";
    Rejection rejection = reject(
        RejectionCode::quota_exceeded,
        std::string{whose} + " would have " + std::to_string(used + more) + bytes + " of at most " +
            std::to_string(most) + " (" + std::string{quota.help} +
            "); remove some, or have the server's operator raise " + std::string{quota.setting});
    rejection.quota = QuotaExceeded{most, used + more, std::string{quota.setting}};
    return rejection;
}

namespace {

// What is shared: the memory of all teams of a founder, and that of all teams.
std::optional<Rejection> check_memory(const State& state, const Quotas& quotas, UserId founder,
                                      std::uint64_t more) {
    if (more == 0) return std::nullopt;
    auto refused = check_quota(quotas, &Quotas::mib_per_user, bytes_of_founder(state, founder),
                               more, "the user that created the team");
    if (refused) return refused;
    return check_quota(quotas, &Quotas::mib, bytes_of_all(state), more, "the server");
}

}  // namespace

std::optional<Rejection> check_founder(const State& state, const Quotas& quotas, UserId user,
                                       const Team& team) {
    const Teams& teams = state.teams();
    auto refused =
        check_quota(quotas, &Quotas::teams_per_user, teams.founded_by(user).size(), 1, user.text());
    if (!refused) {
        refused = check_quota(quotas, &Quotas::memberships_per_user, teams.teams_of(user).size(), 1,
                              user.text());
    }
    if (!refused) refused = check_memory(state, quotas, user, team_bytes(team));
    return refused;
}

std::optional<Rejection> check_member(const State& state, const Quotas& quotas, const Team& team,
                                      const std::optional<UserId>& user, std::uint64_t team_bytes) {
    auto refused = check_quota(quotas, &Quotas::members, team.members.size(), 1, "the team");
    if (!refused && user) {
        refused = check_quota(quotas, &Quotas::memberships_per_user,
                              state.teams().teams_of(*user).size(), 1, user->text());
    }
    if (!refused) refused = check_memory(state, quotas, team.founder, team_bytes);
    return refused;
}

std::optional<Rejection> check_revocation(const State& state, const Quotas& quotas, UserId user) {
    const Installation& installation = state.installation();
    const std::uint64_t more = installation.tokens_revoked_before(user) ? 0 : 1;
    return check_quota(quotas, &Quotas::revoked_users, installation.users_with_revoked_tokens(),
                       more, "the server");
}

std::optional<Rejection> check_growth(const State& state, const Quotas& quotas, TeamId team,
                                      const Growth& growth) {
    const ScheduleUse& schedules = state.schedules().use_of(team);
    const std::uint64_t bytes = growth.definition_bytes + growth.rows * kScheduleBytes +
                                growth.text_bytes + growth.team_bytes;
    const Team* const known = state.teams().find(team);
    CHECK(known != nullptr);
    auto refused = check_quota(quotas, &Quotas::definitions_mib, state.apps().use_of(team).bytes,
                               growth.definition_bytes, "the team");
    const auto also = [&](std::uint64_t Quotas::*limit, std::uint64_t used, std::uint64_t more,
                          std::string_view whose) {
        if (!refused) refused = check_quota(quotas, limit, used, more, whose);
    };
    also(&Quotas::pending, schedules.rows, growth.rows, "the team");
    also(&Quotas::texts_mib, schedules.text_bytes, growth.text_bytes, "the team");
    if (!refused) refused = check_memory(state, quotas, known->founder, bytes);
    return refused;
}

namespace {

// How many bytes `text` has more than that of the row.
std::uint64_t longer_by(const State& state, RowIndex row, const ScheduleText& text) {
    const bool has_text = state.schedules().at(row).has_text;
    const std::size_t before = has_text ? text_bytes(state.schedules().text(row)) : 0;
    const std::size_t after = text_bytes(text);
    return after > before ? after - before : 0;
}

}  // namespace

std::optional<Rejection> check_text(const State& state, const Quotas& quotas, RowIndex row,
                                    const ScheduleText& text) {
    const TeamId team = state.schedules().team_of(state.schedules().at(row));
    return check_growth(state, quotas, team, {.text_bytes = longer_by(state, row, text)});
}

std::optional<Rejection> check_reason(const State& state, const Quotas& quotas, RowIndex row,
                                      const ScheduleText& text) {
    const TeamId team = state.schedules().team_of(state.schedules().at(row));
    return check_quota(quotas, &Quotas::texts_mib, state.schedules().use_of(team).text_bytes,
                       longer_by(state, row, text), "the team");
}

}  // namespace slipway
