// Which other schedules deploy the same app at the same instant. A search takes at most some
// kSameTimeMax steps, however many there are.

#pragma once

#include "projections/schedules.h"

#include <cstddef>
#include <vector>

namespace slipway {

// Nobody reads more of them.
inline constexpr std::size_t kSameTimeMax = 10;

class SameTime {
  public:
    // `preview`, if it is not null, has schedules that are not in the state. Both outlive this.
    explicit SameTime(const Schedules& schedules, const Schedules* preview = nullptr)
        : schedules_(schedules), preview_(preview) {}

    // Adds to `found` those that are still to come or under way, other than `row` of `of`, up to
    // kSameTimeMax in all. None if `row` has ended, or was to run at once.
    void add_others(const Schedules& of, const ScheduleRow& row,
                    std::vector<ScheduleId>& found) const;

  private:
    const Schedules& schedules_;
    const Schedules* preview_;
};

}  // namespace slipway
