#include "server/engine/attempt_shares.h"

#include "eventlog/base/check.h"

namespace slipway {

namespace {

template <class Map, class Key>
std::size_t count_in(const Map& counts, const Key& key) {
    const auto at = counts.find(key);
    return at == counts.end() ? 0 : at->second;
}

template <class Map, class Key>
void subtract_one(Map& counts, const Key& key) {
    const auto at = counts.find(key);
    CHECK(at != counts.end());
    if (--at->second == 0) counts.erase(at);
}

}  // namespace

std::string_view name_of(AttemptWait wait) {
    switch (wait) {
        case AttemptWait::none:
            return {};
        case AttemptWait::server_limit:
            return "server_limit";
        case AttemptWait::team_share:
            return "team_share";
        case AttemptWait::target_limit:
            return "target_limit";
        case AttemptWait::target_share:
            return "target_share";
        case AttemptWait::app_limit:
            return "app_limit";
    }
    return {};
}

bool SharedPool::has_share(UserId user, TeamId team) const {
    const std::size_t of_team = count_in(of_team_, team);
    if (of_team == 0) return is_full();
    if (of_team >= per_team_max_) return true;
    const std::size_t free = max_ - held_;
    const std::size_t of_user = count_in(of_user_, user);
    if (of_user >= free) return true;
    const std::size_t left_of_user = (free - of_user + 1) / 2;
    return count_in(of_both_, std::pair{user, team}) >= left_of_user;
}

void SharedPool::take(UserId user, TeamId team) {
    ++held_;
    ++of_user_[user];
    ++of_team_[team];
    ++of_both_[{user, team}];
}

void SharedPool::give_back(UserId user, TeamId team) {
    CHECK(held_ > 0);
    --held_;
    subtract_one(of_user_, user);
    subtract_one(of_team_, team);
    subtract_one(of_both_, std::pair{user, team});
}

AttemptShares::AttemptShares(AttemptLimits limits)
    : limits_(limits), all_(limits.attempts, limits.per_team) {}

AttemptWait AttemptShares::at_target(UserId user, TeamId team, const std::string& target) const {
    const auto at = of_target_.find(target);
    if (at == of_target_.end()) return AttemptWait::none;
    if (at->second.is_full()) return AttemptWait::target_limit;
    return at->second.has_share(user, team) ? AttemptWait::target_share : AttemptWait::none;
}

bool AttemptShares::is_app_full(AppId app) const {
    return count_in(of_app_, app) >= limits_.per_app;
}

AttemptWait AttemptShares::wait_of(const AttemptOwner& owner) const {
    if (is_full()) return AttemptWait::server_limit;
    if (has_share(owner.user, owner.team)) return AttemptWait::team_share;
    const AttemptWait at = at_target(owner.user, owner.team, owner.target);
    if (at != AttemptWait::none) return at;
    return is_app_full(owner.app) ? AttemptWait::app_limit : AttemptWait::none;
}

void AttemptShares::take(const AttemptOwner& owner) {
    all_.take(owner.user, owner.team);
    of_target_.try_emplace(owner.target, limits_.per_target, limits_.per_target_of_team)
        .first->second.take(owner.user, owner.team);
    ++of_app_[owner.app];
}

void AttemptShares::give_back(const AttemptOwner& owner) {
    all_.give_back(owner.user, owner.team);
    const auto at = of_target_.find(owner.target);
    CHECK(at != of_target_.end());
    at->second.give_back(owner.user, owner.team);
    if (at->second.is_empty()) of_target_.erase(at);
    subtract_one(of_app_, owner.app);
}

}  // namespace slipway
