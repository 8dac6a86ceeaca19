// Which other schedules deploy the same app at the same instant: those among the first
// kSameTimeLookedAt of a team at that instant, so that a team that has all of its schedules at one
// instant slows nobody down. Make one for each answer.

#pragma once

#include "projections/schedules.h"

#include <absl/container/flat_hash_map.h>

#include <utility>
#include <vector>

namespace slipway {

// Nobody reads more of them.
inline constexpr std::size_t kSameTimeMax = 10;
inline constexpr std::size_t kSameTimeLookedAt = 2'000;

class SameTime {
  public:
    // `preview`, if it is not null, has schedules that are not in the state. Both outlive this, and
    // do not change.
    explicit SameTime(const Schedules& schedules, const Schedules* preview = nullptr)
        : schedules_(schedules), preview_(preview) {}

    // Those that are still to come or under way, other than `row` of `of`; at most kSameTimeMax.
    // None if `row` has ended, or was to run at once.
    std::vector<ScheduleId> others(const Schedules& of, const ScheduleRow& row);

  private:
    // What is known of one instant. Who asks once looks for one app; who asks again needs a map.
    struct AtInstant {
        std::size_t asked = 0;
        absl::flat_hash_map<std::uint32_t, std::vector<ScheduleId>> by_app;
    };

    // Calls `visit` with each row of the team that is due then, until it returns false.
    template <class Visit>
    void each(TeamId team, Instant at, const Visit& visit) const;

    const Schedules& schedules_;
    const Schedules* const preview_;
    absl::flat_hash_map<std::pair<TeamId, std::int64_t>, AtInstant> at_;
};

}  // namespace slipway
