#include "server/api/fair_turns.h"

#include "eventlog/base/turn.h"
#include "tests/support/manual_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace slipway {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Le;
using namespace std::chrono_literals;

constexpr UserId kFirstUser{Uuid{1, 1}};
constexpr UserId kSecondUser{Uuid{1, 2}};

struct FairTurnsTest : testing::Test {
    // Does what is posted, until nothing is. Returns how long each round took.
    std::vector<std::chrono::nanoseconds> run() {
        std::vector<std::chrono::nanoseconds> rounds;
        while (posted) {
            const auto began = clock.monotonic();
            std::exchange(posted, nullptr)();
            rounds.push_back(clock.monotonic() - began);
        }
        return rounds;
    }
    // Work of so many pieces, each of which takes so long.
    void ask(UserId client, const std::string& name, int pieces = 1, Millis takes = 0ms) {
        turns.ask(client, [this, name, pieces, takes]() mutable {
            done.push_back(name);
            clock.time += takes;
            return --pieces > 0;
        });
    }

    ManualClock clock;
    std::function<void()> posted;
    FairTurns turns{clock, [this](std::function<void()> round) {
                        EXPECT_FALSE(posted) << "a round is posted once";
                        posted = std::move(round);
                    }};
    std::vector<std::string> done;
};

TEST_F(FairTurnsTest, TakesTheWorkOfOneClientInItsOrder) {
    for (const char* const name : {"a", "b", "c"}) ask(kFirstUser, name);
    EXPECT_TRUE(done.empty());
    EXPECT_EQ(turns.waiting(), 3U);
    run();
    EXPECT_THAT(done, ElementsAre("a", "b", "c"));
    EXPECT_EQ(turns.waiting(), 0U);
}

TEST_F(FairTurnsTest, LetsAClientWithOneRequestWaitForOneTurnOfEachOther) {
    for (int i = 0; i < 1'000; ++i) ask(kFirstUser, "alice", 10, 1ms);
    ask(kSecondUser, "bob");
    run();
    EXPECT_EQ(done.at(1), "bob");
    EXPECT_EQ(done.size(), 10'001U);
}

TEST_F(FairTurnsTest, LeavesTheThreadToOthersAfterEachRound) {
    for (int i = 0; i < 10; ++i) ask(kFirstUser, "alice", 10, 1ms);
    const auto rounds = run();
    EXPECT_THAT(rounds, Each(Le(kRoundTurns * kTurn)));
    EXPECT_EQ(rounds.size(), 50U);
}

TEST_F(FairTurnsTest, FinishesLongWorkBeforeTheNextOfTheSameClient) {
    ask(kFirstUser, "long", 3);
    ask(kFirstUser, "next");
    ask(kSecondUser, "bob");
    run();
    EXPECT_THAT(done, ElementsAre("long", "bob", "long", "long", "next"));
}

TEST_F(FairTurnsTest, TakesWorkThatIsAskedForByWork) {
    turns.ask(kFirstUser, [&] {
        done.emplace_back("first");
        ask(kFirstUser, "of alice");
        ask(kSecondUser, "of bob");
        return false;
    });
    run();
    EXPECT_THAT(done, ElementsAre("first", "of bob", "of alice"));
}

}  // namespace
}  // namespace slipway
