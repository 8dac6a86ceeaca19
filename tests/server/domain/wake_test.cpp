#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

constexpr auto kGrace = 900s;

DeploymentHeld held(ScheduleId id, HoldReason reason, std::string note = {},
                    std::optional<ScheduleId> dependency = {}) {
    return {id, reason, std::move(note), dependency};
}

DeploymentHeld failed_dependency(ScheduleId id, ScheduleId dependency, const std::string& status) {
    return held(id, HoldReason::dependency_failed, "its dependency is " + status, dependency);
}

DependencyAwaited awaited(ScheduleId id, ScheduleId dependency, Instant until) {
    return {id, dependency, until};
}

// ---- Due

TEST(Wake, MakesItDueAtItsInstant) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .after(1h)
        .when(Wake{kRoot})
        .then({due(kRoot, kNoon + 1h, kNoon + 1h)})
        .when(Wake{kRoot})
        .then_rejected(RejectionCode::nothing_to_do);
}

TEST(Wake, NeverMakesItDueEarly) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .after(1h - 1ms)
        .when(Wake{kRoot})
        .then_rejected(RejectionCode::nothing_to_do);
}

TEST(Wake, OfAnUnknownScheduleIsRejected) {
    Scenario{kNoon}.when(Wake{kRoot}).then_rejected(RejectionCode::schedule_not_found);
}

TEST(Wake, RunsTheVersionThatWasPinned) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when(ReviseApp{kApi, definition("api-two")})
        .when(Wake{kRoot})
        .then({due(kRoot, kNoon, kNoon)});
}

TEST(Wake, RunsTheLatestVersionIfThatWasAsked) {
    Scenario story{kNoon};
    story.given({scheduled(kRoot, kApi, kNoon, {.app_version = Version{0}})})
        .when(ReviseApp{kApi, definition("api-two")})
        .when(Wake{kRoot})
        .then({DeploymentDue{deployment_of(kRoot), kNoon, kNoon, Version{2},
                             kNoon + kStartDeadlineAfter}})
        .when_started(kRoot);
    EXPECT_EQ(story.run(kRoot).attempts.size(), 1U);
    EXPECT_EQ(story.row(kRoot).app_version, Version{2});
}

// ---- Late

TEST(Wake, WithinTheGraceRunsItLate) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .after(kGrace)
        .when(Wake{kRoot})
        .then({due(kRoot, kNoon, kNoon + kGrace)});
}

TEST(Wake, PastTheGraceHoldsIt) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .after(kGrace + 1ms)
        .when(Wake{kRoot})
        .then({held(kRoot, HoldReason::misfire, "late by 900 s; the grace is 900 s")})
        .when(Wake{kRoot})
        .then_rejected(RejectionCode::nothing_to_do);
}

TEST(Wake, PastTheGraceSkipsItIfThatIsThePolicy) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon, {.policies = on_misfire(MisfireAction::skip)})})
        .after(2h)
        .when(Wake{kRoot})
        .then({DeploymentMissed{kRoot, 2h, MisfireAction::skip}});
}

TEST(Wake, PastTheGraceRunsItIfThatIsThePolicy) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon, {.policies = on_misfire(MisfireAction::run)})})
        .after(48h)
        .when(Wake{kRoot})
        .then({due(kRoot, kNoon, kNoon + 48h)});
}

TEST(Wake, OfATreePastItsGraceHoldsAllOfIt) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .after(3h)
        .when_timer_ticks()
        .then_status({{kFirst, ScheduleStatus::held}, {kRoot, ScheduleStatus::held}});
}

TEST(Wake, OfAMissedParentTakesItsPendingDependenciesDown) {
    Policies skip = on_misfire(MisfireAction::skip);
    Scenario{kNoon}
        .given(pair(kNoon + 1h, skip))
        .when(HoldDeployment{kFirst, {}})
        .after(3h)
        .when_timer_ticks()
        .then({DeploymentMissed{kRoot, 2h, MisfireAction::skip},
               DeploymentCancelled{kFirst, CancelReason::parent_cancelled, {}, kRoot}});
}

TEST(Wake, OfAMissedDependencyHoldsItsParent) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h, on_misfire(MisfireAction::skip)))
        .at(kNoon + 45min + 901s)
        .when_timer_ticks()
        .then({DeploymentMissed{kFirst, 901s, MisfireAction::skip},
               failed_dependency(kRoot, kFirst, "missed")});
}

TEST(Wake, OfAMissedDependencyLeavesAParentThatProceeds) {
    Policies policies = on_misfire(MisfireAction::skip);
    policies.on_dependency_failure = DependencyFailurePolicy::proceed;
    Scenario{kNoon}
        .given(pair(kNoon + 1h, policies))
        .at(kNoon + 45min + 901s)
        .when_timer_ticks()
        .then({DeploymentMissed{kFirst, 901s, MisfireAction::skip},
               due(kRoot, kNoon + 1h, kNoon + 45min + 901s)});
}

// ---- Waiting for dependencies

TEST(Wake, LetsAParentWaitForADependencyThatStillRuns) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .after(45min)
        .when_timer_ticks()
        .when_started(kFirst)
        .after(15min)
        .when(Wake{kRoot})
        .then({awaited(kRoot, kFirst, kNoon + 2h)})
        .then_status({{kRoot, ScheduleStatus::waiting}})
        .after(5min)
        .when_answered(kFirst, answer(AttemptOutcome::succeeded, 200))
        .then({DeploymentSucceeded{deployment_of(kFirst), 1, 200, {}},
               due(kRoot, kNoon + 1h, kNoon + 65min)});
}

TEST(Wake, MakesAParentDueWhoseDependenciesHaveSucceeded) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .after(45min)
        .when_timer_ticks()
        .when_deployed(kFirst)
        .then_status({{kRoot, ScheduleStatus::scheduled}})
        .after(15min)
        .when(Wake{kRoot})
        .then({due(kRoot, kNoon + 1h, kNoon + 1h)});
}

TEST(Wake, OfAFanGoesWithTheLastOfIt) {
    Scenario{kNoon}
        .given(fan(kNoon + 1h))
        .after(45min)
        .when_timer_ticks()
        .then(
            {due(kFirst, kNoon + 45min, kNoon + 45min), due(kSecond, kNoon + 45min, kNoon + 45min)})
        .after(15min)
        .when_timer_ticks()
        .then({awaited(kRoot, kFirst, kNoon + 2h)})
        .when_deployed(kFirst)
        .then_status({{kRoot, ScheduleStatus::waiting}})
        .when_deployed(kSecond)
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(Wake, OfAChainGoesFromTheDeepestUp) {
    Scenario{kNoon}
        .given(chain(kNoon + 1h))
        .after(1h)
        .when_timer_ticks()
        .then_status({{kSecond, ScheduleStatus::held},
                      {kFirst, ScheduleStatus::waiting},
                      {kRoot, ScheduleStatus::waiting}})
        .when(ReleaseDeployment{kSecond, {}})
        .when_deployed(kSecond)
        .then_status({{kFirst, ScheduleStatus::due}, {kRoot, ScheduleStatus::waiting}})
        .when_deployed(kFirst)
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(Wake, WhenAWaitTimesOutHoldsTheParent) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .after(45min)
        .when_timer_ticks()
        .after(15min)
        .when_timer_ticks()
        .after(1h - 1ms)
        .when(Wake{kRoot})
        .then_rejected(RejectionCode::nothing_to_do)
        .after(1ms)
        .when(Wake{kRoot})
        .then({failed_dependency(kRoot, kFirst, "due")});
}

TEST(Wake, WhenAWaitTimesOutSkipsTheParentIfThatIsThePolicy) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h, on_failure(DependencyFailurePolicy::skip)))
        .when(HoldDeployment{kFirst, {}})
        .after(1h)
        .when_timer_ticks()
        .after(1h)
        .when_timer_ticks()
        .then({DeploymentSkipped{kRoot, kFirst},
               DeploymentCancelled{kFirst, CancelReason::parent_cancelled, {}, kRoot}});
}

TEST(Wake, WhenAWaitTimesOutMakesTheParentDueIfThatIsThePolicy) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h, on_failure(DependencyFailurePolicy::proceed)))
        .after(45min)
        .when_timer_ticks()
        .after(15min)
        .when_timer_ticks()
        .then({awaited(kRoot, kFirst, kNoon + 2h)})
        .after(1h)
        .when_timer_ticks()
        .then({due(kRoot, kNoon + 1h, kNoon + 2h)});
}

// ---- Dependencies that did not succeed

TEST(Wake, NeverComesToAParentThatWasHeldForAFailedDependency) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .after(45min)
        .when_timer_ticks()
        .when_failed(kFirst)
        .then({AttemptFailed{deployment_of(kFirst), 1, AttemptCause::answered, 400, {}, {}},
               DeploymentFailed{deployment_of(kFirst), 1, AttemptCause::answered, 400, {}},
               failed_dependency(kRoot, kFirst, "failed")})
        .after(15min)
        .when_timer_ticks()
        .then_nothing();
}

TEST(Wake, NeverComesToAParentThatWasSkipped) {
    Scenario story{kNoon};
    story.given(fan(kNoon + 1h, on_failure(DependencyFailurePolicy::skip)))
        .when(HoldDeployment{kSecond, {}})
        .after(45min)
        .when_timer_ticks()
        .when_failed(kFirst)
        .then_status({{kRoot, ScheduleStatus::skipped}, {kSecond, ScheduleStatus::cancelled}});
    EXPECT_EQ(story.count<DeploymentSkipped>(), 1U);
}

TEST(Wake, MakesAParentDueThatProceedsWithoutAFailedDependency) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h, on_failure(DependencyFailurePolicy::proceed)))
        .after(45min)
        .when_timer_ticks()
        .when_failed(kFirst)
        .then_status({{kRoot, ScheduleStatus::scheduled}})
        .after(15min)
        .when_timer_ticks()
        .then({due(kRoot, kNoon + 1h, kNoon + 1h)});
}

TEST(Wake, OfAWaitingParentThatProceedsComesWithTheLastEndOfAFan) {
    Scenario{kNoon}
        .given(fan(kNoon + 1h, on_failure(DependencyFailurePolicy::proceed)))
        .after(45min)
        .when_timer_ticks()
        .after(15min)
        .when_timer_ticks()
        .when_failed(kFirst)
        .then_status({{kRoot, ScheduleStatus::waiting}})
        .when_failed(kSecond)
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(Wake, OfAWaitingParentIsOverWhenADependencyFails) {
    Scenario{kNoon}
        .given(fan(kNoon + 1h))
        .after(45min)
        .when_timer_ticks()
        .after(15min)
        .when_timer_ticks()
        .when_failed(kSecond)
        .then_status({{kRoot, ScheduleStatus::held}, {kFirst, ScheduleStatus::due}});
}

TEST(Wake, IsSkippedAllTheWayUp) {
    Scenario{kNoon}
        .given(chain(kNoon + 1h, on_failure(DependencyFailurePolicy::skip)))
        .after(30min)
        .when_timer_ticks()
        .when_failed(kSecond)
        .then({AttemptFailed{deployment_of(kSecond), 1, AttemptCause::answered, 400, {}, {}},
               DeploymentFailed{deployment_of(kSecond), 1, AttemptCause::answered, 400, {}},
               DeploymentSkipped{kFirst, kSecond}, DeploymentSkipped{kRoot, kFirst}});
}

TEST(Wake, HoldsAParentWhoseDependencyFailedWhileItWasHeldByAPerson) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kRoot, {}, true})
        .after(45min)
        .when_timer_ticks()
        .when_failed(kFirst)
        .then_status({{kRoot, ScheduleStatus::held}})
        .when(ReleaseDeployment{kRoot, {}})
        .then_status({{kRoot, ScheduleStatus::scheduled}})
        .after(15min)
        .when_timer_ticks()
        .then({failed_dependency(kRoot, kFirst, "failed")});
}

// ---- While dispatch is held

TEST(Wake, WhileDispatchIsHeldHoldsItOnce) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .dispatch_held()
        .when(Wake{kRoot})
        .then({held(kRoot, HoldReason::dispatch_held)})
        .when(Wake{kRoot})
        .then_rejected(RejectionCode::nothing_to_do)
        .when_timer_ticks()
        .then_nothing();
}

TEST(Wake, OfARestoredLogSaysSo) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .dispatch_held(DispatchReason::restored)
        .when(Wake{kRoot})
        .then({held(kRoot, HoldReason::restored)});
}

TEST(Wake, AfterArmingWithinTheGraceRunsIt) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .dispatch_held()
        .when_timer_ticks()
        .after(10min)
        .dispatch_armed()
        .when_timer_ticks()
        .then({DeploymentReleased{kRoot, ReleaseReason::dispatch_armed, {}},
               due(kRoot, kNoon, kNoon + 10min)});
}

TEST(Wake, AfterArmingPastTheGraceHoldsItForAPerson) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .dispatch_held()
        .when_timer_ticks()
        .after(901s)
        .dispatch_armed()
        .when_timer_ticks()
        .then({held(kRoot, HoldReason::misfire, "late by 901 s; the grace is 900 s")});
}

TEST(Wake, AfterArmingPastTheGraceSkipsOrRunsItIfThatIsThePolicy) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon, {.policies = on_misfire(MisfireAction::skip)}),
                scheduled(kFirst, kDb, kNoon, {.policies = on_misfire(MisfireAction::run)})})
        .dispatch_held()
        .when_timer_ticks()
        .after(2h)
        .dispatch_armed()
        .when_timer_ticks()
        .then({DeploymentMissed{kRoot, 2h, MisfireAction::skip},
               DeploymentReleased{kFirst, ReleaseReason::dispatch_armed, {}},
               due(kFirst, kNoon, kNoon + 2h)});
}

TEST(Wake, AfterArmingLeavesWhatAPersonHeld) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .dispatch_held()
        .when_timer_ticks()
        .when(HoldDeployment{kRoot, {}})
        .dispatch_armed()
        .when_timer_ticks()
        .then_nothing();
}

TEST(Wake, AfterArmingWaitsForTheTimeOfWhatMovedMeanwhile) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .dispatch_held()
        .when_timer_ticks()
        .then({held(kFirst, HoldReason::dispatch_held)})
        .when(RescheduleDeployment{kRoot, utc_clock(kNoon + 2h), {}, {}, {}})
        .dispatch_armed()
        .when_timer_ticks()
        .then_nothing()
        .at(kNoon + 105min)
        .when_timer_ticks()
        .then({DeploymentReleased{kFirst, ReleaseReason::dispatch_armed, {}},
               due(kFirst, kNoon + 105min, kNoon + 105min)});
}

TEST(Wake, OfAParentThatMayGoWhileDispatchIsHeldHoldsIt) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .when_timer_ticks()
        .when_started(kFirst)
        .after(15min)
        .when_timer_ticks()
        .dispatch_held()
        .when_answered(kFirst, answer(AttemptOutcome::succeeded, 200))
        .then_status({{kRoot, ScheduleStatus::held}})
        .dispatch_armed()
        .when_timer_ticks()
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(Wake, OfAParentThatWaitedIsJudgedByHowLongDispatchHeldIt) {
    // It is 20 minutes late, past its grace, since it waited for its dependency that long.
    const auto expect = [](std::chrono::minutes held, ScheduleStatus status) {
        Scenario{kNoon}
            .given(pair(kNoon + 15min))
            .when_timer_ticks()
            .when_started(kFirst)
            .after(15min)
            .when_timer_ticks()
            .after(20min)
            .dispatch_held()
            .when_answered(kFirst, answer(AttemptOutcome::succeeded, 200))
            .after(held)
            .dispatch_armed()
            .when_timer_ticks()
            .then_status({{kRoot, status}});
    };
    expect(2min, ScheduleStatus::due);
    expect(16min, ScheduleStatus::held);
}

TEST(Wake, AfterAWaitTimedOutWhileDispatchIsHeldHoldsItForThatFirst) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .when_timer_ticks()
        .after(15min)
        .when_timer_ticks()
        .dispatch_held()
        .after(1h)
        .when_timer_ticks()
        .then({held(kRoot, HoldReason::dispatch_held)});
}

}  // namespace
}  // namespace slipway
