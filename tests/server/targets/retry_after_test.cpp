#include "server/targets/retry_after.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

const Instant kNow = *instant_of("2027-02-10T08:00:00Z");

TEST(RetryAfter, InSeconds) {
    EXPECT_EQ(retry_after_of("0", kNow), Seconds{0});
    EXPECT_EQ(retry_after_of("120", kNow), Seconds{120});
    EXPECT_EQ(retry_after_of("000120", kNow), Seconds{120});
}

TEST(RetryAfter, IsHonouredInFullUpToAYear) {
    EXPECT_EQ(retry_after_of("7200", kNow), Seconds{7'200});
    EXPECT_EQ(retry_after_of("99999999", kNow), kRetryAfterMax);
    EXPECT_EQ(retry_after_of("99999999999999999999999999", kNow), kRetryAfterMax);
    EXPECT_EQ(retry_after_of("Thu, 11 Feb 2027 08:00:00 GMT", kNow), Seconds{86'400});
    EXPECT_EQ(retry_after_of("Sun, 10 Feb 9999 08:00:00 GMT", kNow), kRetryAfterMax);
}

TEST(RetryAfter, AsADate) {
    EXPECT_EQ(retry_after_of("Wed, 10 Feb 2027 08:00:30 GMT", kNow), Seconds{30});
    EXPECT_EQ(retry_after_of("Wed, 10 Feb 2027 08:00:30 GMT", kNow + Millis{500}), Seconds{30});
    EXPECT_EQ(retry_after_of("Wed, 10 Feb 2027 07:00:00 GMT", kNow), Seconds{0});
    EXPECT_EQ(retry_after_of("Sun, 06 Nov 1994 08:49:37 GMT", kNow), Seconds{0});
}

TEST(RetryAfter, AsADateOfEachForm) {
    for (const auto* text : {"Wed, 10 Feb 2027 08:00:30 GMT", "Wednesday, 10-Feb-27 08:00:30 GMT",
                             "Wed Feb 10 08:00:30 2027"}) {
        EXPECT_EQ(retry_after_of(text, kNow), Seconds{30}) << text;
    }
    const Instant eighth = *instant_of("2027-02-08T08:00:00Z");
    EXPECT_EQ(retry_after_of("Mon Feb  8 08:00:30 2027", eighth), Seconds{30});
    EXPECT_EQ(retry_after_of("Monday, 08-Feb-27 08:00:30 GMT", eighth), Seconds{30});
    EXPECT_EQ(retry_after_of("Sunday, 06-Nov-94 08:49:37 GMT", kNow), Seconds{0});
    EXPECT_EQ(retry_after_of("Saturday, 06-Nov-60 08:49:37 GMT", kNow), kRetryAfterMax);
}

TEST(RetryAfter, IsNothingIfItIsAnythingElse) {
    for (const auto* text :
         {"", "-1", "+1", "1.5", "soon", " 1", "1 ", "0x10", "Wed, 10 Foo 2027 08:00:30 GMT",
          "Wed, 30 Feb 2027 08:00:30 GMT", "Wed, 10 Feb 2027 25:00:30 GMT",
          "Wed, 10 Feb 2027 08:00:30 EST", "Wed, 1x Feb 2027 08:00:30 GMT", "2027-02-10T08:00:30Z",
          "Wednesday, 10-Feb-27 08:00:30 EST", "Wed Feb 10 08:00:30 20270",
          "Wed Feb 30 08:00:30 2027", "Wed, 10 Feb 2027 08:00:30 GMT "}) {
        EXPECT_EQ(retry_after_of(text, kNow), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace slipway
