#include "server/engine/attempt_shares.h"

#include "server/engine/attempt_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace slipway {
namespace {

template <class Id>
Id id(std::uint64_t number) {
    return Id{Uuid{1, number}};
}

struct AttemptSharesTest : testing::Test {
    static AttemptOwner owner(std::uint64_t user, std::uint64_t team, std::uint64_t app,
                              const std::string& target) {
        return {id<UserId>(user), id<TeamId>(team), id<AppId>(app), target};
    }
    // Lets `user` start as much as it may: in `teams` of its own, with apps of their own.
    std::size_t hang(std::uint64_t user, std::uint64_t teams, const std::string& target) {
        std::size_t held = 0;
        for (std::uint64_t team = 1; team <= teams; ++team) {
            for (std::uint64_t app = 1;; ++app) {
                const auto one =
                    owner(user, 100 * user + team, 10'000 * user + 100 * team + app / 64,
                          target.empty() ? std::to_string(app % 50) : target);
                if (shares.wait_of(one) != AttemptWait::none) break;
                shares.take(one);
                ++held;
            }
        }
        return held;
    }

    AttemptShares shares{{}};
};

TEST_F(AttemptSharesTest, GiveATeamAQuarterAndItsUserAHalf) {
    EXPECT_EQ(hang(1, 1, ""), 250U);
    EXPECT_EQ(hang(2, 20, ""), 375U + 11U) << "half of what was left, and one for each other team";
    EXPECT_FALSE(shares.is_full());
}

TEST_F(AttemptSharesTest, KeepRoomForTheNextWhateverOneUserDoes) {
    hang(1, 20, "");
    const std::size_t next = hang(2, 1, "");
    EXPECT_GE(next, 100U);
}

TEST_F(AttemptSharesTest, KeepRoomAtATargetThatAllUse) {
    EXPECT_LE(hang(1, 20, "https://gateway.example"), 128U + 20U);
    EXPECT_GE(hang(2, 1, "https://gateway.example"), 25U);
}

TEST_F(AttemptSharesTest, GiveOneToATeamThatHasNoneAsLongAsAnyIsFree) {
    const std::size_t held = hang(1, 20, "");
    std::uint64_t teams = 0;
    for (;; ++teams) {
        const auto one = owner(1, 1'000 + teams, 1'000'000 + teams, std::to_string(teams % 50));
        if (shares.wait_of(one) != AttemptWait::none) break;
        shares.take(one);
    }
    EXPECT_TRUE(shares.is_full());
    EXPECT_EQ(held + teams, 1'000U);
}

TEST_F(AttemptSharesTest, ComeBackAsAttemptsEnd) {
    const auto one = owner(1, 1, 1, "https://one.example");
    for (int i = 0; i < 32; ++i) shares.take(one);
    EXPECT_EQ(shares.wait_of(one), AttemptWait::target_share);
    shares.give_back(one);
    EXPECT_EQ(shares.wait_of(one), AttemptWait::none);
    for (int i = 0; i < 31; ++i) shares.give_back(one);
    EXPECT_FALSE(shares.has_share(one.user, one.team));
}

TEST_F(AttemptSharesTest, SayWhichOfThemIsUsedUp) {
    AttemptShares few{
        {.attempts = 100, .per_team = 20, .per_app = 3, .per_target = 10, .per_target_of_team = 4}};
    const auto wait = [&](std::uint64_t user, std::uint64_t team, std::uint64_t app,
                          const std::string& target) {
        const auto one = owner(user, team, app, target);
        const AttemptWait found = few.wait_of(one);
        if (found == AttemptWait::none) few.take(one);
        return found;
    };
    for (int i = 0; i < 3; ++i) EXPECT_EQ(wait(1, 1, 1, "a"), AttemptWait::none);
    EXPECT_EQ(wait(1, 1, 1, "a"), AttemptWait::target_share) << "half of half of ten";
    EXPECT_EQ(wait(1, 1, 1, "b"), AttemptWait::app_limit);
    for (std::uint64_t team = 2; team <= 8; ++team) {
        EXPECT_EQ(wait(team, team, team, "a"), AttemptWait::none);
    }
    EXPECT_EQ(wait(9, 9, 9, "a"), AttemptWait::target_limit);
    for (std::uint64_t i = 0; i < 17; ++i) {
        EXPECT_EQ(wait(1, 1, 100 + i, std::to_string(i)), AttemptWait::none);
    }
    EXPECT_EQ(wait(1, 1, 200, "c"), AttemptWait::team_share);
}

// ---- The queue over them

struct AttemptQueueTest : AttemptSharesTest {
    void add(std::uint64_t deployment, const AttemptOwner& owner) {
        queue.add({Moment{deployment}, id<DeploymentId>(deployment), owner});
    }
    // The numbers of all that may start now.
    std::vector<std::uint64_t> start_all() {
        std::vector<std::uint64_t> started;
        while (const auto ready = queue.next()) {
            shares.take(ready->owner);
            started.push_back(static_cast<std::uint64_t>(ready->since.count()));
        }
        return started;
    }

    AttemptQueue queue{shares};
};

TEST_F(AttemptQueueTest, LetsUsersTeamsTargetsAndAppsTakeTurns) {
    for (std::uint64_t i = 1; i <= 4; ++i) add(i, owner(1, 1, 1, "a"));
    add(5, owner(1, 1, 2, "a"));
    add(6, owner(1, 1, 1, "b"));
    add(7, owner(1, 2, 3, "a"));
    add(8, owner(2, 3, 4, "a"));
    EXPECT_EQ(start_all(), (std::vector<std::uint64_t>{1, 8, 7, 6, 5, 2, 3, 4}));
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(AttemptQueueTest, PassesOverWhatHasNoShareLeft) {
    for (std::uint64_t i = 1; i <= 40; ++i) add(i, owner(1, 1, 1, "slow"));
    add(41, owner(1, 1, 1, "other"));
    add(42, owner(2, 2, 2, "slow"));
    EXPECT_EQ(start_all().size(), 34U);
    EXPECT_EQ(queue.size(), 8U);
    EXPECT_EQ(queue.oldest(), Moment{33});
    shares.give_back(owner(1, 1, 1, "slow"));
    EXPECT_EQ(start_all(), (std::vector<std::uint64_t>{33}));
}

}  // namespace
}  // namespace slipway
