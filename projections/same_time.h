// Which other schedules deploy the same app at the same instant. Looks through the open queue of a
// team once for each instant that it is asked about: make one for each answer.

#pragma once

#include "projections/schedules.h"

#include <absl/container/flat_hash_map.h>

#include <utility>
#include <vector>

namespace slipway {

// Nobody reads more of them.
inline constexpr std::size_t kSameTimeMax = 10;

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
    using ByApp = absl::flat_hash_map<std::uint32_t, std::vector<ScheduleId>>;

    static void add(const Schedules& schedules, TeamId team, Instant at, ByApp& found);

    const Schedules& schedules_;
    const Schedules* const preview_;
    absl::flat_hash_map<std::pair<TeamId, std::int64_t>, ByApp> at_;
};

}  // namespace slipway
