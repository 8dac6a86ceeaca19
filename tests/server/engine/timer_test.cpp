#include "server/engine/timer.h"

#include "tests/server/engine/engine_world.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

struct TimerTest : testing::Test, EngineWorld {
    Instant tick_at(Instant now) {
        clock.time = now;
        return tick();
    }
};

TEST_F(TimerTest, EmitsWhatIsDueAndNothingBefore) {
    schedule(kNoon + 60s);
    EXPECT_EQ(tick_at(kNoon + 59s + 999ms), kNoon + 60s);
    EXPECT_EQ(count<DeploymentDue>(), 0U);
    tick_at(kNoon + 60s);
    EXPECT_EQ(count<DeploymentDue>(), 1U);
    tick_at(kNoon + 60s);
    tick_at(kNoon + 61s);
    EXPECT_EQ(count<DeploymentDue>(), 1U);
}

TEST_F(TimerTest, WantsToBeCalledWhenTheNextIsDueButLooksAtTheClockInBetween) {
    EXPECT_EQ(tick_at(kNoon), kNoon + kIdleWakeMax);
    schedule(kNoon + 60s);
    EXPECT_EQ(tick_at(kNoon), kNoon + kIdleWakeMax);
    EXPECT_EQ(tick_at(kNoon + 59s + 500ms), kNoon + 60s);
}

TEST_F(TimerTest, LeavesOthersTheirTurnWhenMuchIsDue) {
    for (std::size_t i = 0; i < kDuePerTickMax + 1; ++i) schedule(kNoon + 60s);
    const Instant now = kNoon + 60s;
    EXPECT_EQ(tick_at(now), now);
    EXPECT_EQ(count<DeploymentDue>(), kDuePerTickMax);
    EXPECT_EQ(tick_at(now), now + kIdleWakeMax);
    EXPECT_EQ(count<DeploymentDue>(), kDuePerTickMax + 1);
}

TEST_F(TimerTest, IsNotHeldUpByThoseWhoFillTheQueue) {
    schedule(kNoon + 60s);
    ScheduleDeployment more;
    more.app = kApi;
    more.at = utc_clock(kNoon + 24h);
    for (const std::size_t bytes : {2'000U, 0U}) {
        more.note = std::string(bytes, 'x');
        while (std::holds_alternative<Receipt>(submit(more))) {
        }
    }
    tick_at(kNoon + 60s);
    EXPECT_EQ(count<DeploymentDue>(), 1U);
}

TEST_F(TimerTest, EmitsOnceWhenTheClockIsSetBackAfterwards) {
    schedule(kNoon + 60s);
    tick_at(kNoon + 60s);
    tick_at(kNoon - 1h);
    tick_at(kNoon + 60s);
    EXPECT_EQ(count<DeploymentDue>(), 1U);
}

TEST_F(TimerTest, EmitsNothingForWhatWasCancelledAtTheSameInstant) {
    const ScheduleId id = schedule(kNoon + 60s);
    clock.time = kNoon + 60s;
    ASSERT_TRUE(std::holds_alternative<Receipt>(submit(CancelDeployment{id, "no"})));
    tick_at(kNoon + 60s);
    EXPECT_EQ(count<DeploymentDue>(), 0U);
}

TEST_F(TimerTest, TriesAgainSoonWhenTheLogTakesNothing) {
    schedule(kNoon + 60s);
    store.fail_next(ErrorCode::indeterminate, false);
    flush();
    EXPECT_EQ(tick_at(kNoon + 60s), kNoon + 60s + kBusyWait);
    EXPECT_EQ(count<DeploymentDue>(), 0U);
}

}  // namespace
}  // namespace slipway
