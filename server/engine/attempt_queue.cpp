#include "server/engine/attempt_queue.h"

#include <algorithm>
#include <tuple>

namespace slipway {

void AttemptQueue::add(const ReadyAttempt& ready) {
    const AttemptOwner& owner = ready.owner;
    Line& line = users_.at(owner.user).at(owner.team).at(owner.target).at(owner.app);
    size_ += line.emplace(ready.since, ready.deployment).second ? 1 : 0;
}

std::optional<ReadyAttempt> AttemptQueue::next() {
    if (shares_.is_full()) return std::nullopt;
    ReadyAttempt found;
    const bool is_found = users_.find([&](UserId user, Teams& teams) {
        found.owner.user = user;
        return teams.find([&](TeamId team, Targets& targets) {
            found.owner.team = team;
            return !shares_.has_share(user, team) && find_at(targets, found);
        });
    });
    if (!is_found) return std::nullopt;
    --size_;
    return found;
}

bool AttemptQueue::find_at(Targets& targets, ReadyAttempt& found) {
    AttemptOwner& owner = found.owner;
    return targets.find([&](const std::string& target, Apps& apps) {
        if (shares_.at_target(owner.user, owner.team, target) != AttemptWait::none) return false;
        owner.target = target;
        return apps.find([&](AppId app, Line& line) {
            if (shares_.is_app_full(app)) return false;
            owner.app = app;
            std::tie(found.since, found.deployment) = *line.begin();
            line.erase(line.begin());
            return true;
        });
    });
}

std::optional<Moment> AttemptQueue::oldest() const {
    std::optional<Moment> oldest;
    for (const auto& [user, teams] : users_.below) {
        for (const auto& [team, targets] : teams.below) {
            for (const auto& [target, apps] : targets.below) {
                for (const auto& [app, line] : apps.below) {
                    oldest = std::min(oldest.value_or(Moment::max()), line.begin()->first);
                }
            }
        }
    }
    return oldest;
}

}  // namespace slipway
