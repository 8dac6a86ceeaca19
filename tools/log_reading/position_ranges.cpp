#include "tools/log_reading/position_ranges.h"

namespace slipway {

void PositionRanges::add(Position position) {
    if (!ranges_.empty() && position.value <= ranges_.back().last.value + 1) {
        ranges_.back().last = position;
    } else {
        ranges_.push_back({position, position});
    }
}

PositionRanges PositionRanges::rest(Position first, Position last) const {
    PositionRanges others;
    for (const auto& range : ranges_) {
        if (range.last < first) continue;
        if (range.first > last) break;
        if (range.first > first) others.ranges_.push_back({first, {range.first.value - 1}});
        first.value = range.last.value + 1;
    }
    if (first <= last) others.ranges_.push_back({first, last});
    return others;
}

std::uint64_t PositionRanges::count() const {
    std::uint64_t count = 0;
    for (const auto& range : ranges_) count += range.last.value - range.first.value + 1;
    return count;
}

std::string PositionRanges::text() const {
    std::string text;
    for (const auto& range : ranges_) {
        if (!text.empty()) text += ", ";
        text += std::to_string(range.first.value);
        if (range.first != range.last) text += " to " + std::to_string(range.last.value);
    }
    return text;
}

}  // namespace slipway
