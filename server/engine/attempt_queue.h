// Deployments that are ready for an attempt and wait for their turn, so that nobody waits for
// another's: users take turns, then the teams of a user, the targets of a team, the apps at a
// target; an app's own go in the order in which they became ready.
//
//   user ─► team ─► target ─► app ─► deployments, oldest first
//
// A step on the way whose share is used up is passed over. Each holds at least one attempt, or the
// target is full, so that few are passed over however much waits.
//
// Not thread-safe: the lane's thread.

#pragma once

#include "server/engine/attempt_shares.h"

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace slipway {

// On the monotonic clock.
using Moment = std::chrono::nanoseconds;

struct ReadyAttempt {
    Moment since;
    DeploymentId deployment;
    AttemptOwner owner;
};

class AttemptQueue {
  public:
    // `shares` outlives this.
    explicit AttemptQueue(const AttemptShares& shares) : shares_(shares) {}

    void add(const ReadyAttempt& ready);
    // Takes out the next that may start now, or returns nothing: all wait for a share.
    std::optional<ReadyAttempt> next();

    std::size_t size() const { return size_; }
    // Since when the first of each line waits, the earliest of all. A step for each line.
    std::optional<Moment> oldest() const;

  private:
    // Those below one step, in the order of their turns. None is empty.
    template <class Key, class Below>
    struct Turns {
        absl::flat_hash_map<Key, Below> below;
        std::deque<Key> order;

        bool empty() const { return below.empty(); }
        Below& at(const Key& key) {
            const auto [found, is_new] = below.try_emplace(key);
            if (is_new) order.push_back(key);
            return found->second;
        }
        // Offers each its turn until `look` finds something there.
        template <class Look>
        bool find(const Look& look) {
            for (std::size_t left = order.size(); left > 0; --left) {
                Key key = std::move(order.front());
                order.pop_front();
                const auto found = below.find(key);
                const bool is_found = look(key, found->second);
                if (found->second.empty()) {
                    below.erase(found);
                } else {
                    order.push_back(std::move(key));
                }
                if (is_found) return true;
            }
            return false;
        }
    };
    using Line = absl::btree_set<std::pair<Moment, DeploymentId>>;
    using Apps = Turns<AppId, Line>;
    using Targets = Turns<std::string, Apps>;
    using Teams = Turns<TeamId, Targets>;

    bool find_at(Targets& targets, ReadyAttempt& found);

    const AttemptShares& shares_;
    Turns<UserId, Teams> users_;
    std::size_t size_ = 0;
};

}  // namespace slipway
