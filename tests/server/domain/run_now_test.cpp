#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

TEST(RunNow, MakesItDueAtOnce) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(RunNow{kRoot})
        .then({DeploymentExpedited{kRoot, kNoon, kRoot}, due(kRoot, kNoon, kNoon)});
}

TEST(RunNow, BeginsWithTheDeepestDependency) {
    Scenario{kNoon}
        .given(chain(kNoon + 5h))
        .when(RunNow{kRoot})
        .then({DeploymentExpedited{kRoot, kNoon, kRoot}, DeploymentExpedited{kFirst, kNoon, kRoot},
               DeploymentExpedited{kSecond, kNoon, kRoot}, due(kSecond, kNoon, kNoon),
               DependencyAwaited{kFirst, kSecond, kNoon + 1h},
               DependencyAwaited{kRoot, kFirst, kNoon + 1h}})
        .when_deployed(kSecond)
        .when_deployed(kFirst)
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(RunNow, OfADependencyLeavesItsParent) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(RunNow{kFirst})
        .then({DeploymentExpedited{kFirst, kNoon, kFirst}, due(kFirst, kNoon, kNoon)})
        .then_status({{kRoot, ScheduleStatus::scheduled}});
}

TEST(RunNow, OverrulesAHoldAndLateness) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .after(2h)
        .when_timer_ticks()
        .when(RunNow{kRoot})
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(RunNow, OverrulesAFailedDependencyThatItWasHeldFor) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .when_timer_ticks()
        .when_failed(kFirst)
        .when(RunNow{kRoot})
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(RunNow, WaitsForADependencyThatIsUnderWay) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .when_timer_ticks()
        .when(RunNow{kRoot})
        .then({DeploymentExpedited{kRoot, kNoon, kRoot},
               DependencyAwaited{kRoot, kFirst, kNoon + 1h}});
}

TEST(RunNow, WhileDispatchIsHeldIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .dispatch_held()
        .when(RunNow{kRoot})
        .then_rejected(RejectionCode::dispatch_is_held);
}

TEST(RunNow, OnceItIsDueIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when_timer_ticks()
        .when(RunNow{kRoot})
        .then_rejected(RejectionCode::already_due)
        .when_deployed(kRoot)
        .when(RunNow{kRoot})
        .then_rejected(RejectionCode::already_ended);
}

TEST(RunNow, PassesOverNobodysHoldOfADependency) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kFirst, "wait for the DBA"})
        .when(RunNow{kRoot})
        .then_rejected(RejectionCode::dependency_held, "wait for the DBA")
        .when(RunNow{kRoot})
        .then_rejected(RejectionCode::dependency_held, kAlice.text())
        .when(RunNow{kRoot, true})
        .then({DeploymentReleased{kFirst, ReleaseReason::run_now, {}},
               DeploymentExpedited{kRoot, kNoon, kRoot}, DeploymentExpedited{kFirst, kNoon, kRoot},
               due(kFirst, kNoon, kNoon), DependencyAwaited{kRoot, kFirst, kNoon + 1h}});
}

TEST(RunNow, FindsAHoldHoweverDeepItIs) {
    Scenario{kNoon}
        .given(chain(kNoon + 1h))
        .when(HoldDeployment{kSecond, {}})
        .when(RunNow{kRoot})
        .then_rejected(RejectionCode::dependency_held, "without a reason")
        .when(RunNow{kFirst})
        .then_rejected(RejectionCode::dependency_held)
        .when(RunNow{kSecond})
        .then_status({{kSecond, ScheduleStatus::due}});
}

TEST(RunNow, OverrulesItsOwnHoldAndWhatWasHeldAlong) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kRoot, {}})
        .when(RunNow{kRoot})
        .then({DeploymentExpedited{kRoot, kNoon, kRoot}, DeploymentExpedited{kFirst, kNoon, kRoot},
               due(kFirst, kNoon, kNoon), DependencyAwaited{kRoot, kFirst, kNoon + 1h}});
}

// The dependency was held by a person while what it depends on failed, so nobody was told.
TEST(RunNow, OfATreeThatCannotSucceedSkipsAllOfItOnce) {
    Scenario{kNoon}
        .given(chain(kNoon + 30min, on_failure(DependencyFailurePolicy::skip)))
        .when(HoldDeployment{kFirst, {}, true})
        .when_timer_ticks()
        .when_failed(kSecond)
        .when(RunNow{kRoot, true})
        .then({DeploymentReleased{kFirst, ReleaseReason::run_now, {}},
               DeploymentExpedited{kRoot, kNoon, kRoot}, DeploymentExpedited{kFirst, kNoon, kRoot},
               DeploymentSkipped{kFirst, kSecond}, DeploymentSkipped{kRoot, kFirst}});
}

TEST(RunNow, OfATreeThatCannotSucceedCancelsTheRestOfIt) {
    const ScheduleId third{{4, 4}};
    auto events = fan(kNoon + 30min, on_failure(DependencyFailurePolicy::skip));
    events.push_back(scheduled(third, kApi, kNoon,
                               {.parent = kSecond,
                                .lead_seconds = 900,
                                .policies = on_failure(DependencyFailurePolicy::skip)}));
    Scenario{kNoon}
        .given(events)
        .when(HoldDeployment{kSecond, {}, true})
        .when_timer_ticks()
        .when_failed(third)
        .when(RunNow{kRoot, true})
        .then_status({{kSecond, ScheduleStatus::skipped},
                      {kRoot, ScheduleStatus::skipped},
                      {kFirst, ScheduleStatus::cancelled}});
}

}  // namespace
}  // namespace slipway
