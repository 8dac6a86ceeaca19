#include "eventlog/base/time.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(InstantOf, TakesAnyOffset) {
    const auto instant = instant_of("2027-02-10T03:00:00.5-05:00");
    ASSERT_TRUE(instant);
    EXPECT_EQ(to_text(*instant), "2027-02-10T08:00:00.500Z");
}

TEST(InstantOf, RefusesWhatIsOfNoYearOfFourDigitsInUtc) {
    EXPECT_TRUE(instant_of("0000-01-01T00:00:00Z"));
    EXPECT_FALSE(instant_of("0000-01-01T00:00:00+00:01"));
    EXPECT_TRUE(instant_of("9999-12-31T23:59:59.999Z"));
    EXPECT_TRUE(instant_of("9999-12-31T23:59:59+23:59"));
    EXPECT_FALSE(instant_of("9999-12-31T23:59:59-00:01"));
}

}  // namespace
}  // namespace slipway
