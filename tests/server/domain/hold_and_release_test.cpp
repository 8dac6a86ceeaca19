#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

TEST(HoldDeployment, KeepsItFromBecomingDue) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(HoldDeployment{kRoot, "freeze"})
        .then({DeploymentHeld{kRoot, HoldReason::by_user, "freeze", {}}})
        .after(2h)
        .when_timer_ticks()
        .then_nothing();
}

TEST(HoldDeployment, TwiceIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(HoldDeployment{kRoot, {}})
        .when(HoldDeployment{kRoot, {}})
        .then_rejected(RejectionCode::already_held);
}

TEST(HoldDeployment, OfWhatWaitsEndsTheWait) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .when_timer_ticks()
        .after(15min)
        .when_timer_ticks()
        .when(HoldDeployment{kRoot, {}})
        .then_status({{kRoot, ScheduleStatus::held}})
        .when_deployed(kFirst)
        .then_status({{kRoot, ScheduleStatus::held}})
        .when(ReleaseDeployment{kRoot, {}})
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(HoldDeployment, OfWhatIsHeldForAnotherReasonMakesItAPersons) {
    Scenario story{kNoon};
    story.given({scheduled(kRoot, kApi, kNoon)})
        .after(1h)
        .when_timer_ticks()
        .when(HoldDeployment{kRoot, "mine"})
        .then({DeploymentHeld{kRoot, HoldReason::by_user, "mine", {}}});
}

TEST(HoldDeployment, OnceItIsDueIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when_timer_ticks()
        .when(HoldDeployment{kRoot, {}})
        .then_rejected(RejectionCode::already_due)
        .when_deployed(kRoot)
        .when(HoldDeployment{kRoot, {}})
        .then_rejected(RejectionCode::already_ended);
}

TEST(HoldDeployment, TakesAlongWhatIsOnlyThereForIt) {
    Scenario{kNoon}
        .given(chain(kNoon + 1h))
        .when(HoldDeployment{kRoot, "freeze"})
        .then({DeploymentHeld{kRoot, HoldReason::by_user, "freeze", {}},
               DeploymentHeld{kFirst, HoldReason::parent_held, {}, {}},
               DeploymentHeld{kSecond, HoldReason::parent_held, {}, {}}})
        .after(2h)
        .when_timer_ticks()
        .then_nothing();
}

TEST(HoldDeployment, LeavesTheDependenciesIfItIsToldTo) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kRoot, "freeze", true})
        .then({DeploymentHeld{kRoot, HoldReason::by_user, "freeze", {}}})
        .after(45min)
        .when_timer_ticks()
        .then({due(kFirst, kNoon + 45min, kNoon + 45min)});
}

TEST(HoldDeployment, OfADependencyLeavesItsParentAndTheOthers) {
    Scenario{kNoon}
        .given(fan(kNoon + 1h))
        .when(HoldDeployment{kFirst, {}})
        .then({DeploymentHeld{kFirst, HoldReason::by_user, {}, {}}})
        .then_status({{kRoot, ScheduleStatus::scheduled}, {kSecond, ScheduleStatus::scheduled}});
}

TEST(HoldDeployment, LeavesADependencyThatIsUnderWay) {
    Scenario{kNoon}
        .given(fan(kNoon + 15min))
        .when_timer_ticks()
        .when_deployed(kFirst)
        .when(HoldDeployment{kRoot, {}})
        .then({DeploymentHeld{kRoot, HoldReason::by_user, {}, {}}})
        .then_status({{kFirst, ScheduleStatus::succeeded}, {kSecond, ScheduleStatus::due}});
}

TEST(HoldDeployment, TakesAlongWhatOnlyTheDispatchSwitchHolds) {
    for (const auto reason : {DispatchReason::by_operator, DispatchReason::restored}) {
        Scenario{kNoon}
            .given(pair(kNoon + 15min))
            .dispatch_held(reason)
            .when_timer_ticks()
            .then_status({{kFirst, ScheduleStatus::held}})
            .when(HoldDeployment{kRoot, "freeze"})
            .then({DeploymentHeld{kRoot, HoldReason::by_user, "freeze", {}},
                   DeploymentHeld{kFirst, HoldReason::parent_held, {}, {}}})
            .dispatch_armed()
            .after(1min)
            .when_timer_ticks()
            .then_nothing()
            .when(ReleaseDeployment{kRoot, {}})
            .then({DeploymentReleased{kRoot, ReleaseReason::by_user, {}},
                   DeploymentReleased{kFirst, ReleaseReason::by_user, {}},
                   due(kFirst, kNoon, kNoon + 1min)});
    }
}

TEST(HoldDeployment, OfWhatWasHeldAlongMakesItAPersons) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kRoot, {}})
        .when(HoldDeployment{kFirst, "mine"})
        .then({DeploymentHeld{kFirst, HoldReason::by_user, "mine", {}}})
        .when(ReleaseDeployment{kRoot, {}})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, {}}})
        .then_status({{kFirst, ScheduleStatus::held}});
}

TEST(ReleaseDeployment, LetsGoWhatWasHeldAlong) {
    Scenario{kNoon}
        .given(chain(kNoon + 1h))
        .when(HoldDeployment{kRoot, {}})
        .when(ReleaseDeployment{kRoot, "go"})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, "go"},
               DeploymentReleased{kFirst, ReleaseReason::by_user, {}},
               DeploymentReleased{kSecond, ReleaseReason::by_user, {}}})
        .after(30min)
        .when_timer_ticks()
        .then({due(kSecond, kNoon + 30min, kNoon + 30min)});
}

TEST(ReleaseDeployment, StartsWhatWasHeldAlongPastItsTimeFirst) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kRoot, {}})
        .after(3h)
        .when(ReleaseDeployment{kRoot, {}})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, {}},
               DeploymentReleased{kFirst, ReleaseReason::by_user, {}},
               due(kFirst, kNoon + 45min, kNoon + 3h),
               DependencyAwaited{kRoot, kFirst, kNoon + 4h}})
        .when_deployed(kFirst)
        .then_status({{kRoot, ScheduleStatus::due}});
}

// db cannot succeed once it is let go, for ui failed before it: that ends api in the same decision.
TEST(ReleaseDeployment, EndsItOnceIfWhatWasHeldAlongCannotSucceed) {
    Scenario{kNoon}
        .given(chain(kNoon + 30min, on_failure(DependencyFailurePolicy::skip)))
        .when_timer_ticks()
        .when(HoldDeployment{kRoot, {}})
        .when_failed(kSecond)
        .then_status({{kFirst, ScheduleStatus::held}})
        .after(1h)
        .when(ReleaseDeployment{kRoot, {}})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, {}},
               DeploymentReleased{kFirst, ReleaseReason::by_user, {}},
               DeploymentSkipped{kFirst, kSecond}, DeploymentSkipped{kRoot, kFirst}});
}

TEST(ReleaseDeployment, OfWhatWasHeldAlongLetsGoWhatIsBelowIt) {
    Scenario{kNoon}
        .given(chain(kNoon + 1h))
        .when(HoldDeployment{kRoot, {}})
        .when(ReleaseDeployment{kFirst, {}})
        .then({DeploymentReleased{kFirst, ReleaseReason::by_user, {}},
               DeploymentReleased{kSecond, ReleaseReason::by_user, {}}})
        .then_status({{kRoot, ScheduleStatus::held}});
}

TEST(ReleaseDeployment, LeavesADependencyThatAPersonHolds) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kFirst, "wait for the DBA"})
        .when(HoldDeployment{kRoot, {}})
        .then({DeploymentHeld{kRoot, HoldReason::by_user, {}, {}}})
        .when(ReleaseDeployment{kRoot, {}})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, {}}})
        .after(1h)
        .when_timer_ticks()
        .then({DependencyAwaited{kRoot, kFirst, kNoon + 2h}})
        .then_status({{kFirst, ScheduleStatus::held}});
}

TEST(CancelDeployment, TakesAlongWhatWasHeldAlong) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kRoot, {}})
        .when(CancelDeployment{kRoot, {}})
        .then_status({{kRoot, ScheduleStatus::cancelled}, {kFirst, ScheduleStatus::cancelled}});
}

TEST(HoldDeployment, OfAnotherTeamIsNotFound) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .as(kMallory, kRivals)
        .when(HoldDeployment{kRoot, {}})
        .then_rejected(RejectionCode::schedule_not_found)
        .when(ReleaseDeployment{kRoot, {}})
        .then_rejected(RejectionCode::schedule_not_found)
        .when(RunNow{kRoot})
        .then_rejected(RejectionCode::schedule_not_found);
}

TEST(ReleaseDeployment, BeforeItsTimeLetsItGoAtItsTime) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(HoldDeployment{kRoot, {}})
        .when(ReleaseDeployment{kRoot, "go"})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, "go"}})
        .then_status({{kRoot, ScheduleStatus::scheduled}})
        .after(1h)
        .when_timer_ticks()
        .then({due(kRoot, kNoon + 1h, kNoon + 1h)});
}

TEST(ReleaseDeployment, AfterItsTimeMakesItDueHoweverLate) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when(HoldDeployment{kRoot, {}})
        .after(48h)
        .when(ReleaseDeployment{kRoot, {}})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, {}},
               due(kRoot, kNoon, kNoon + 48h)});
}

TEST(ReleaseDeployment, OfAMisfireRunsItThoughItIsLate) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .after(2h)
        .when_timer_ticks()
        .then_status({{kRoot, ScheduleStatus::held}})
        .when(ReleaseDeployment{kRoot, {}})
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(ReleaseDeployment, OfAFailedDependencyOverrulesIt) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .when_timer_ticks()
        .when_failed(kFirst)
        .then_status({{kRoot, ScheduleStatus::held}})
        .when(ReleaseDeployment{kRoot, "it is fine"})
        .then_status({{kRoot, ScheduleStatus::scheduled}})
        .after(15min)
        .when_timer_ticks()
        .then({due(kRoot, kNoon + 15min, kNoon + 15min)});
}

TEST(ReleaseDeployment, OfAFailedDependencyStillWaitsForTheOthers) {
    Scenario{kNoon}
        .given(fan(kNoon + 15min))
        .when_timer_ticks()
        .when_failed(kFirst)
        .after(15min)
        .when(ReleaseDeployment{kRoot, {}})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, {}},
               DependencyAwaited{kRoot, kSecond, kNoon + 75min}})
        .when_deployed(kSecond)
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(ReleaseDeployment, AfterItsTimeWhileDispatchIsHeldIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .dispatch_held()
        .when_timer_ticks()
        .when(ReleaseDeployment{kRoot, {}})
        .then_rejected(RejectionCode::dispatch_is_held);
}

TEST(ReleaseDeployment, BeforeItsTimeWhileDispatchIsHeldIsAccepted) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(HoldDeployment{kRoot, {}})
        .dispatch_held()
        .when(ReleaseDeployment{kRoot, {}})
        .then({DeploymentReleased{kRoot, ReleaseReason::by_user, {}}})
        .after(1h)
        .when_timer_ticks()
        .then({DeploymentHeld{kRoot, HoldReason::dispatch_held, {}, {}}});
}

TEST(ReleaseDeployment, OfWhatIsNotHeldIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when(ReleaseDeployment{kRoot, {}})
        .then_rejected(RejectionCode::not_held, "is scheduled")
        .when_timer_ticks()
        .when(ReleaseDeployment{kRoot, {}})
        .then_rejected(RejectionCode::not_held, "is due");
}

TEST(ReleaseDeployment, WithAReasonThatIsTooLongIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when(HoldDeployment{kRoot, std::string(2'001, 'x')})
        .then_rejected_fields({{"/reason", RejectionCode::invalid_field}})
        .when(HoldDeployment{kRoot, {}})
        .when(ReleaseDeployment{kRoot, std::string(2'001, 'x')})
        .then_rejected_fields({{"/reason", RejectionCode::invalid_field}});
}

}  // namespace
}  // namespace slipway
