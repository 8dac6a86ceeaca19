#include "server/api/rate_limits.h"

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

TEST(RateLimits, LetThroughAsManyASecondAsTheySay) {
    RateLimits limits{{.per_token = 5, .per_team = 0}};
    int allowed = 0;
    for (int i = 0; i < 100; ++i) allowed += allows(limits, "t", kOps, noon) ? 1 : 0;
    EXPECT_EQ(allowed, 5);
    for (int second = 1; second <= 3; ++second) {
        for (int i = 0; i < 100; ++i) {
            const Instant now = noon + Seconds{second};
            allowed += allows(limits, "t", kOps, now) ? 1 : 0;
        }
    }
    EXPECT_EQ(allowed, 20);
}

TEST(RateLimits, TellWhatIsLeftAndWhenThereIsMore) {
    RateLimits limits{{.per_token = 1, .per_team = 0}};
    auto verdict = limits.take("t", kOps, noon);
    EXPECT_EQ(verdict->limit, 1U);
    EXPECT_EQ(verdict->remaining, 0U);
    EXPECT_EQ(verdict->reset, 1s);
    verdict = limits.take("t", kOps, noon);
    EXPECT_FALSE(verdict->is_allowed);
    EXPECT_EQ(verdict->remaining, 0U);
    EXPECT_EQ(verdict->reset, 1s);
    EXPECT_TRUE(allows(limits, "t", kOps, noon + 1s));
}

// Whatever is left, that many pass, and the next does not.
TEST(RateLimits, LetThroughWhatTheySayIsLeft) {
    for (const RateLimits::Options options : {RateLimits::Options{.per_token = 5, .per_team = 0},
                                              RateLimits::Options{.per_token = 0, .per_team = 5},
                                              RateLimits::Options{.per_token = 5, .per_team = 3},
                                              RateLimits::Options{.per_token = 3, .per_team = 5}}) {
        for (const auto pause : {0ms, 150ms, 333ms, 700ms, 1'000ms, 5'000ms}) {
            RateLimits limits{options};
            for (int i = 0; i < 20; ++i) limits.take("t", kOps, noon);
            auto verdict = limits.take("t", kOps, noon + pause);
            for (std::uint32_t left = verdict->remaining; left > 0; --left) {
                verdict = limits.take("t", kOps, noon + pause);
                EXPECT_TRUE(verdict->is_allowed);
                EXPECT_EQ(verdict->remaining, left - 1);
            }
            EXPECT_FALSE(allows(limits, "t", kOps, noon + pause));
            EXPECT_EQ(limits.take("t", kOps, noon + pause)->remaining, 0U);
        }
    }
}

TEST(RateLimits, TakeNothingForWhatTheyRefuse) {
    RateLimits limits{{.per_token = 5, .per_team = 2}};
    for (int i = 0; i < 10; ++i) limits.take("t", kOps, noon);
    // The team let two through: so three are left to the token, elsewhere.
    EXPECT_EQ(limits.take("t", kRivals, noon)->remaining, 1U);
    EXPECT_EQ(limits.take("t", {}, noon)->remaining, 1U);
    EXPECT_EQ(limits.take("t", {}, noon)->remaining, 0U);
    EXPECT_FALSE(allows(limits, "t", {}, noon));
}

TEST(RateLimits, SayWhenARefusedRequestPasses) {
    RateLimits limits{{.per_token = 3, .per_team = 0}};
    for (int i = 0; i < 10; ++i) limits.take("t", kOps, noon);
    const auto verdict = limits.take("t", kOps, noon);
    EXPECT_EQ(verdict->reset, 1s);
    EXPECT_TRUE(allows(limits, "t", kOps, noon + verdict->reset));
}

TEST(RateLimits, HoldForAllTokensOfATeamTogether) {
    RateLimits limits{{.per_token = 5, .per_team = 2}};
    int allowed = 0;
    for (int i = 0; i < 10; ++i) allowed += allows(limits, std::to_string(i), kOps, noon) ? 1 : 0;
    EXPECT_EQ(allowed, 2);
    EXPECT_TRUE(allows(limits, "another", kRivals, noon));
    EXPECT_TRUE(allows(limits, "nobody's", TeamId{}, noon));
}

TEST(RateLimits, FillNothingWhenTheClockIsSetBack) {
    RateLimits limits{{.per_token = 1, .per_team = 0}};
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
