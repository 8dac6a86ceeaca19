#include "projections/state.h"
#include "tests/support/fixtures.h"
#include "tests/support/invariants.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

// A state that keeps few finished trees, so that a test sees them leave.
class Forgetting : public testing::Test {
  protected:
    static constexpr std::size_t kKept = 2;

    Forgetting() {
        for (const auto& recorded : world()) record(recorded);
    }

    void add(const std::vector<Event>& events) {
        for (const Event& event : events) {
            Envelope envelope;
            envelope.recorded_at = kNoon;
            envelope.stream = stream_of(event);
            envelope.stream_version = state.next_version(event);
            envelope.team = kOps;
            record({Position{state.position().value + 1}, envelope, event});
        }
        EXPECT_EQ(broken_invariant(state, history), "");
    }

    void record(const RecordedEvent& recorded) {
        history.push_back(recorded);
        state.apply(recorded);
    }

    // One of its own that ended at once.
    void add_finished(std::uint64_t number) {
        const ScheduleId id{{8, number}};
        add({scheduled(id, kApi, kNoon, {.note = "one of many"}),
             DeploymentCancelled{id, CancelReason::by_user, {}, id}});
    }

    bool remembers(ScheduleId id) const { return state.schedules().find(id) != kNoRow; }

    State state{kKept};
    std::vector<RecordedEvent> history;
};

TEST_F(Forgetting, BeginsWithTheTreeThatEndedFirst) {
    for (std::uint64_t i = 1; i <= 4; ++i) add_finished(i);
    EXPECT_FALSE(remembers(ScheduleId{{8, 1}}));
    EXPECT_FALSE(remembers(ScheduleId{{8, 2}}));
    EXPECT_TRUE(remembers(ScheduleId{{8, 3}}));
    EXPECT_TRUE(remembers(ScheduleId{{8, 4}}));
}

TEST_F(Forgetting, LeavesATreeOfWhichAnythingIsOpen) {
    add(pair(kNoon));
    add({due(kFirst, kNoon, kNoon), DeploymentAborted{deployment_of(kFirst), {}}});
    for (std::uint64_t i = 1; i <= 3; ++i) add_finished(i);
    EXPECT_TRUE(remembers(kRoot));
    EXPECT_TRUE(remembers(kFirst));
    EXPECT_NE(state.deployments().find(deployment_of(kFirst)), nullptr);
}

TEST_F(Forgetting, TakesAWholeTreeWithItsRuns) {
    add(chain(kNoon));
    for (const ScheduleId id : {kSecond, kFirst, kRoot}) {
        add({due(id, kNoon, kNoon), DeploymentAborted{deployment_of(id), {}}});
    }
    EXPECT_TRUE(remembers(kSecond));
    add_finished(1);
    add_finished(2);
    for (const ScheduleId id : {kSecond, kFirst, kRoot}) {
        EXPECT_FALSE(remembers(id));
        EXPECT_EQ(state.deployments().find(deployment_of(id)), nullptr);
    }
}

TEST_F(Forgetting, LeavesRoomThatOthersTake) {
    for (std::uint64_t i = 1; i <= 50; ++i) add_finished(i);
    EXPECT_LE(state.schedules().find(ScheduleId{{8, 50}}), kKept + 1);
    add(fan(kNoon));
    EXPECT_TRUE(remembers(kSecond));
}

TEST_F(Forgetting, IsTheSameInAReplay) {
    add(fan(kNoon));
    for (std::uint64_t i = 1; i <= 5; ++i) add_finished(i);
    State replayed{kKept};
    for (const auto& recorded : history) replayed.apply(recorded);
    EXPECT_EQ(replayed.fingerprint(), state.fingerprint());
    State other{kKept + 1};
    for (const auto& recorded : history) other.apply(recorded);
    EXPECT_NE(other.fingerprint(), state.fingerprint());
}

}  // namespace
}  // namespace slipway
