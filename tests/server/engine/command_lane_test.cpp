#include "server/engine/command_lane.h"

#include "tests/server/engine/engine_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

struct CommandLaneTest : testing::Test, EngineWorld {};

TEST_F(CommandLaneTest, AnswersOnceWhatWasDecidedIsDurable) {
    const ScheduleId id = schedule(kNoon + 1h);
    bool answered = false;
    engine->when_durable(state().position(), [&](const Result<void>& durable) {
        EXPECT_TRUE(durable);
        answered = true;
    });
    EXPECT_NE(state().schedules().find(id), kNoRow);
    EXPECT_FALSE(answered);
    flush();
    EXPECT_TRUE(answered);
}

TEST_F(CommandLaneTest, AnswersAtOnceAboutWhatIsDurable) {
    bool answered = false;
    engine->when_durable(engine->durable_position(),
                         [&](const Result<void>& durable) { answered = !!durable; });
    EXPECT_TRUE(answered);
}

TEST_F(CommandLaneTest, AnswersInTheOrderOfTheLog) {
    std::vector<int> order;
    for (const int number : {1, 2, 3}) {
        schedule(kNoon + 1h);
        engine->when_durable(state().position(),
                             [&order, number](const Result<void>&) { order.push_back(number); });
    }
    flush();
    EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(CommandLaneTest, AnswersWhoWaitsForLessBeforeWhoAskedEarlierForMore) {
    std::vector<int> order;
    schedule(kNoon + 1h);
    const Position first = state().position();
    schedule(kNoon + 1h);
    for (const int number : {3, 4}) {
        engine->when_durable(state().position(),
                             [&order, number](const Result<void>&) { order.push_back(number); });
    }
    for (const int number : {1, 2}) {
        engine->when_durable(first,
                             [&order, number](const Result<void>&) { order.push_back(number); });
    }
    flush();
    EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
}

TEST_F(CommandLaneTest, AnswersInTurnsWhenManyWait) {
    std::vector<int> order;
    schedule(kNoon + 1h);
    for (int number = 0; number < 5; ++number) {
        engine->when_durable(state().position(), [this, &order, number](const Result<void>&) {
            order.push_back(number);
            clock.time += 1ms;
        });
    }
    log().on_durable([](Position, const Result<void>&) {});
    flush();
    EXPECT_TRUE(engine->durable(state().position(), Turn{clock, 2ms}));
    EXPECT_THAT(order, ElementsAre(0, 1));
    // Who asks meanwhile is behind those that wait.
    engine->when_durable(engine->durable_position(),
                         [&order](const Result<void>&) { order.push_back(5); });
    EXPECT_TRUE(engine->call_waiters(Turn{clock, 2ms}));
    EXPECT_FALSE(engine->call_waiters(Turn{clock, 2ms}));
    EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST_F(CommandLaneTest, KnowsWhatIsAppliedAndNotDurable) {
    const ScheduleId id = schedule(kNoon + 1h);
    EXPECT_EQ(engine->pending().of_stream(id.uuid), state().position());
    EXPECT_EQ(engine->pending().of_team(kOps, PendingChanges::Part::schedules), state().position());
    EXPECT_EQ(engine->pending().of_team(kOps, PendingChanges::Part::apps), Position{});
    flush();
    EXPECT_EQ(engine->pending().of_stream(id.uuid), Position{});
    EXPECT_EQ(engine->pending().of_team(kOps), Position{});
}

TEST_F(CommandLaneTest, DecidesAgainstWhatIsNotDurableYet) {
    const ScheduleId id = schedule(kNoon + 1h);
    EXPECT_TRUE(std::holds_alternative<Receipt>(submit(CancelDeployment{id, "no"})));
    const auto again = submit(CancelDeployment{id, "no"});
    EXPECT_TRUE(std::get<Receipt>(again).events.empty());
    flush();
    EXPECT_EQ(count<DeploymentCancelled>(), 1U);
}

TEST_F(CommandLaneTest, RecordsWhoAskedWhenAndWhere) {
    const ScheduleId id = schedule(kNoon + 1h);
    submit(HoldDeployment{id, "wait"});
    const Envelope& envelope = seen.back().envelope;
    EXPECT_EQ(envelope.recorded_at, kNoon);
    EXPECT_EQ(envelope.stream, id.uuid);
    EXPECT_EQ(envelope.stream_version, Version{2});
    EXPECT_EQ(envelope.team, kOps);
    EXPECT_EQ(envelope.actor.user, kAlice);
    EXPECT_EQ(envelope.request_id, "request-1");
    flush();
    const auto stored = log().read(seen.back().position);
    ASSERT_TRUE(stored);
    EXPECT_EQ(*decode(seen.back().position, stored->payload), seen.back());
}

TEST_F(CommandLaneTest, AppendsNothingForWhatIsRejected) {
    const Position before = state().position();
    EXPECT_TRUE(std::holds_alternative<Rejection>(submit(CancelDeployment{kRoot, "no"})));
    EXPECT_EQ(state().position(), before);
    EXPECT_EQ(log().tail(), before);
}

TEST_F(CommandLaneTest, TellsAllWhoWaitWhenACommitFails) {
    std::vector<ErrorCode> answers;
    const auto waiter = [&](const Result<void>& durable) {
        ASSERT_FALSE(durable);
        answers.push_back(durable.error().code);
    };
    schedule(kNoon + 1h);
    engine->when_durable(state().position(), waiter);
    store.fail_next(ErrorCode::indeterminate, false);
    flush();
    EXPECT_THAT(answers, ElementsAre(ErrorCode::indeterminate));
    engine->when_durable(state().position(), waiter);
    EXPECT_EQ(answers.size(), 2U);
    ScheduleDeployment command;
    command.app = kApi;
    command.at = utc_clock(kNoon + 1h);
    EXPECT_EQ(std::get<Error>(submit(command)).code, ErrorCode::indeterminate);
}

TEST_F(CommandLaneTest, GivesTheStateThatAReplayGives) {
    const ScheduleId id = schedule(kNoon + 1h);
    submit(HoldDeployment{id, "wait"});
    deploy();
    flush();
    State replayed;
    const auto scanned = log().scan(Position{1}, log().durable(), [&](const Record& record) {
        replayed.apply(*decode(record.position, record.payload));
        return true;
    });
    ASSERT_TRUE(scanned);
    EXPECT_EQ(replayed.fingerprint(), state().fingerprint());
}

}  // namespace
}  // namespace slipway
