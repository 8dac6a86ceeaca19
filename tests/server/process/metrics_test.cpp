#include "server/process/metrics.h"

#include "server/engine/timer.h"
#include "tests/server/engine/engine_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

struct MetricsTest : testing::Test, EngineWorld {
    MetricsTest() {
        engine->observe([this](const RecordedEvent& one) { metrics.happened(one); });
    }
    std::size_t undecided(bool armed = true) const {
        return state().schedules().undecided(clock.time, armed);
    }

    Metrics::Levels levels;
    Metrics metrics{state(), [this] { return levels; }};
};

TEST_F(MetricsTest, SayWhatIsAtWhichLevelWhenTheyAreAsked) {
    EXPECT_THAT(metrics.text(), HasSubstr("\nslipway_dispatcher_queued 0\n"));
    levels.dispatcher_queued = 7;
    levels.log_damaged = true;
    levels.replay_differs = true;
    levels.snapshot_position = 4711;
    levels.schedules[static_cast<std::size_t>(ScheduleStatus::held)] = 3;
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("\nslipway_dispatcher_queued 7\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_attempts_limit{of=\"server\"} 1000\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_log_damaged 1\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_replay_differs 1\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_snapshot_position 4711\n"));
    EXPECT_THAT(text, HasSubstr("slipway_schedules{status=\"held\"} 3\n"));
}

TEST_F(MetricsTest, KeepOneHistogramForAllStatusesOfARoute) {
    metrics.answered("/v1/apps", "GET", 200, 2ms);
    metrics.answered("/v1/apps", "GET", 403, 700us);
    const std::string text = metrics.text();
    const std::string of = "method=\"GET\",route=\"/v1/apps\"";
    EXPECT_THAT(text, HasSubstr("slipway_http_requests_total{" + of + ",status=\"200\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("slipway_http_requests_total{" + of + ",status=\"403\"} 1\n"));
    const std::string bucket = "slipway_http_request_duration_seconds_bucket{" + of + ",le=";
    EXPECT_THAT(text, HasSubstr(bucket + "\"0.0005\"} 0\n"));
    EXPECT_THAT(text, HasSubstr(bucket + "\"0.001\"} 1\n"));
    EXPECT_THAT(text, HasSubstr(bucket + "\"0.0025\"} 2\n"));
    EXPECT_THAT(text, HasSubstr(bucket + "\"+Inf\"} 2\n"));
}

TEST_F(MetricsTest, NameWhatHadNoRouteAndNoMethod) {
    metrics.answered("", "", 400, 1us);
    EXPECT_THAT(metrics.text(), HasSubstr("{method=\"other\",route=\"none\",status=\"400\"} 1\n"));
}

TEST_F(MetricsTest, MeasureGroupsOfCommits) {
    metrics.committed(1, 400us);
    metrics.committed(40, 3ms);
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("\nslipway_commit_records_sum 41\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_commit_records_bucket{le=\"1\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_commit_duration_seconds_bucket{le=\"0.0005\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_commit_duration_seconds_count 2\n"));
}

TEST_F(MetricsTest, MeasureTheTurnsOfTheIoThread) {
    metrics.turn_taken(80us);
    metrics.turn_taken(3ms);
    metrics.turn_taken(1ms);
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("\nslipway_io_turn_seconds_bucket{le=\"0.0001\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_io_turn_seconds_bucket{le=\"0.001\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_io_turn_seconds_bucket{le=\"0.005\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_io_turn_longest_seconds 0.003\n"));
    metrics.turn_taken(2s);
    EXPECT_THAT(metrics.text(), HasSubstr("\nslipway_io_turn_seconds_count 4\n"));
    EXPECT_THAT(metrics.text(), HasSubstr("\nslipway_io_turn_longest_seconds 2\n"));
}

TEST_F(MetricsTest, MeasureHowLateADeploymentWasDecided) {
    schedule(kNoon + 60s);
    clock.time = kNoon + 61s;
    EXPECT_EQ(undecided(), 1U);
    tick();
    EXPECT_EQ(undecided(), 0U);
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("\nslipway_dispatch_lag_seconds_sum 1\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_dispatch_lag_seconds_count 1\n"));
}

TEST_F(MetricsTest, CallADecisionOnTimeIfTheClockWasSetBackBeforeIt) {
    metrics.happened({Position{1}, {}, due(kRoot, kNoon + 60s, kNoon)});
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("\nslipway_dispatch_lag_seconds_sum 0\n"));
    EXPECT_THAT(text, HasSubstr("\nslipway_dispatch_lag_seconds_count 1\n"));
}

TEST_F(MetricsTest, CallNothingUndecidedThatIsHeld) {
    schedule(kNoon + 60s);
    submit(HoldDispatch{});
    clock.time = kNoon + 61s;
    tick();
    EXPECT_EQ(undecided(false), 0U);
    EXPECT_EQ(undecided(true), 1U) << "it is to be decided once dispatch is armed";
}

TEST_F(MetricsTest, CountWhatIsHeldPastItsTime) {
    const auto past = [this] { return state().schedules().held().count_until(clock.time, 100); };
    const ScheduleId first = schedule(kNoon + 60s);
    const ScheduleId second = schedule(kNoon + 120s);
    submit(HoldDeployment{first, {}});
    submit(HoldDeployment{second, {}});
    EXPECT_EQ(past(), 0U);
    clock.time = kNoon + 60s;
    EXPECT_EQ(past(), 1U);
    clock.time = kNoon + 120s;
    EXPECT_EQ(past(), 2U);
    EXPECT_EQ(state().schedules().held().count_until(clock.time, 1), 1U)
        << "no more than asked for";
    submit(CancelDeployment{first, {}});
    EXPECT_EQ(past(), 1U);
    submit(ReleaseDeployment{second, {}});
    EXPECT_EQ(past(), 0U);
}

TEST_F(MetricsTest, CountOutcomesOfAttempts) {
    RecordedEvent one;
    one.envelope.actor.kind = ActorKind::executor;
    one.event = DeploymentSucceeded{};
    metrics.happened(one);
    one.envelope.actor.kind = ActorKind::target;
    metrics.happened(one);
    one.event = AttemptFailed{};
    metrics.happened(one);
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("slipway_attempts_total{outcome=\"succeeded\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("slipway_attempts_total{outcome=\"failed\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("slipway_attempts_total{outcome=\"unknown\"} 0\n"));
    EXPECT_THAT(text, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace slipway
