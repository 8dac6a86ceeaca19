#include "server/executors/retry_after.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

const Instant kNow = *instant_of("2027-02-10T08:00:00Z");

TEST(RetryAfter, InSeconds) {
    EXPECT_EQ(retry_after_of("0", kNow), Seconds{0});
    EXPECT_EQ(retry_after_of("120", kNow), Seconds{120});
    EXPECT_EQ(retry_after_of("000120", kNow), Seconds{120});
}

TEST(RetryAfter, IsCutToAnHour) {
    EXPECT_EQ(retry_after_of("3600", kNow), Seconds{3'600});
    EXPECT_EQ(retry_after_of("3601", kNow), Seconds{3'600});
    EXPECT_EQ(retry_after_of("99999999999999999999999999", kNow), Seconds{3'600});
    EXPECT_EQ(retry_after_of("Thu, 11 Feb 2027 08:00:00 GMT", kNow), Seconds{3'600});
}

TEST(RetryAfter, AsADate) {
    EXPECT_EQ(retry_after_of("Wed, 10 Feb 2027 08:00:30 GMT", kNow), Seconds{30});
    EXPECT_EQ(retry_after_of("Wed, 10 Feb 2027 08:00:30 GMT", kNow + Millis{500}), Seconds{30});
    EXPECT_EQ(retry_after_of("Wed, 10 Feb 2027 07:00:00 GMT", kNow), Seconds{0});
    EXPECT_EQ(retry_after_of("Sun, 06 Nov 1994 08:49:37 GMT", kNow), Seconds{0});
}

TEST(RetryAfter, IsNothingIfItIsAnythingElse) {
    for (const auto* text : {"", "-1", "+1", "1.5", "soon", " 1", "1 ", "0x10",
                             "Wed, 10 Foo 2027 08:00:30 GMT", "Wed, 30 Feb 2027 08:00:30 GMT",
                             "Wed, 10 Feb 2027 25:00:30 GMT", "Wed, 10 Feb 2027 08:00:30 EST",
                             "Wed, 1x Feb 2027 08:00:30 GMT", "2027-02-10T08:00:30Z"}) {
        EXPECT_EQ(retry_after_of(text, kNow), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace slipway
