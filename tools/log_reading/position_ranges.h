// Positions as people read them: "812, 820 to 822".

#pragma once

#include "eventlog/base/strong.h"

#include <string>
#include <vector>

namespace slipway {

class PositionRanges {
  public:
    // Requires: `position` is not before the last one that was added.
    void add(Position position);
    // Those of [first, last] that are not in here.
    PositionRanges rest(Position first, Position last) const;

    bool is_empty() const { return ranges_.empty(); }
    std::uint64_t count() const;
    // Requires: !is_empty().
    Position last() const { return ranges_.back().last; }
    std::string text() const;

  private:
    struct Range {
        Position first;
        Position last;
    };
    std::vector<Range> ranges_;
};

}  // namespace slipway
