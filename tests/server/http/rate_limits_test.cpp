#include "server/http/rate_limits.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

constexpr TeamId kOps{{1, 1}};
constexpr TeamId kRivals{{1, 2}};
const Instant noon{date::sys_days{date::year{2026} / 11 / 21} + 12h};

bool allows(RateLimits& limits, const std::string& token, TeamId team, Instant now) {
    return limits.take(token, team, now)->is_allowed;
}

TEST(RateLimits, AreNoneUnlessTheyAreSet) {
    RateLimits limits{{}};
    EXPECT_FALSE(limits.take("t", kOps, noon));
}

TEST(RateLimits, LetABurstThroughAndThenAsManyASecondAsTheySay) {
    RateLimits limits{{.per_token = 5, .per_team = 0}};
    int allowed = 0;
    for (int i = 0; i < 100; ++i) allowed += allows(limits, "t", kOps, noon) ? 1 : 0;
    EXPECT_EQ(allowed, 10);
    for (int second = 1; second <= 3; ++second) {
        for (int i = 0; i < 100; ++i) {
            const Instant now = noon + Seconds{second};
            allowed += allows(limits, "t", kOps, now) ? 1 : 0;
        }
    }
    EXPECT_EQ(allowed, 25);
}

TEST(RateLimits, TellWhatIsLeftAndWhenThereIsMore) {
    RateLimits limits{{.per_token = 1, .per_team = 0}};
    auto verdict = limits.take("t", kOps, noon);
    EXPECT_EQ(verdict->limit, 1U);
    EXPECT_EQ(verdict->remaining, 1U);
    EXPECT_EQ(verdict->reset, 1s);
    limits.take("t", kOps, noon);
    verdict = limits.take("t", kOps, noon);
    EXPECT_FALSE(verdict->is_allowed);
    EXPECT_EQ(verdict->remaining, 0U);
    EXPECT_EQ(verdict->reset, 1s);
    EXPECT_TRUE(allows(limits, "t", kOps, noon + 1s));
}

TEST(RateLimits, HoldForAllTokensOfATeamTogether) {
    RateLimits limits{{.per_token = 5, .per_team = 2}};
    int allowed = 0;
    for (int i = 0; i < 10; ++i) allowed += allows(limits, std::to_string(i), kOps, noon) ? 1 : 0;
    EXPECT_EQ(allowed, 4);
    EXPECT_TRUE(allows(limits, "another", kRivals, noon));
    EXPECT_TRUE(allows(limits, "nobody's", TeamId{}, noon));
}

TEST(RateLimits, FillNothingWhenTheClockIsSetBack) {
    RateLimits limits{{.per_token = 1, .per_team = 0}};
    EXPECT_TRUE(allows(limits, "t", kOps, noon));
    EXPECT_TRUE(allows(limits, "t", kOps, noon));
    EXPECT_FALSE(allows(limits, "t", kOps, noon - 1h));
    EXPECT_TRUE(allows(limits, "t", kOps, noon - 1h + 1s));
}

TEST(RateLimits, KeepNoMoreThanTheyNeed) {
    RateLimits limits{{.per_token = 1, .per_team = 0}};
    for (int i = 0; i < 30'000; ++i) {
        EXPECT_TRUE(allows(limits, std::to_string(i), kOps, noon));
    }
}

}  // namespace
}  // namespace slipway
