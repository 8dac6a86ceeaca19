#include "tools/log_reading/position_ranges.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

PositionRanges of(std::initializer_list<std::uint64_t> positions) {
    PositionRanges ranges;
    for (const auto position : positions) ranges.add(Position{position});
    return ranges;
}

TEST(PositionRanges, ReadAsPeopleSayThem) {
    EXPECT_EQ(of({}).text(), "");
    EXPECT_EQ(of({7}).text(), "7");
    EXPECT_EQ(of({1, 2, 3, 3, 7, 9, 10}).text(), "1 to 3, 7, 9 to 10");
    EXPECT_EQ(of({1, 2, 3, 3, 7, 9, 10}).count(), 6U);
}

TEST(PositionRanges, KnowWhatIsNotInThem) {
    const auto some = of({3, 4, 7});
    EXPECT_EQ(some.rest(Position{1}, Position{9}).text(), "1 to 2, 5 to 6, 8 to 9");
    EXPECT_EQ(some.rest(Position{4}, Position{7}).text(), "5 to 6");
    EXPECT_EQ(some.rest(Position{3}, Position{4}).text(), "");
    EXPECT_EQ(of({}).rest(Position{2}, Position{2}).text(), "2");
}

}  // namespace
}  // namespace slipway
