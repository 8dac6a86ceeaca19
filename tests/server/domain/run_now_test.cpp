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

// The dependency was held by a person while what it depends on failed, so nobody was told.
TEST(RunNow, OfATreeThatCannotSucceedSkipsAllOfItOnce) {
    Scenario{kNoon}
        .given(chain(kNoon + 30min, on_failure(DependencyFailurePolicy::skip)))
        .when(HoldDeployment{kFirst, {}})
        .when_timer_ticks()
        .when_failed(kSecond)
        .when(RunNow{kRoot})
        .then({DeploymentExpedited{kRoot, kNoon, kRoot}, DeploymentExpedited{kFirst, kNoon, kRoot},
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
        .when(HoldDeployment{kSecond, {}})
        .when_timer_ticks()
        .when_failed(third)
        .when(RunNow{kRoot})
        .then_status({{kSecond, ScheduleStatus::skipped},
                      {kRoot, ScheduleStatus::skipped},
                      {kFirst, ScheduleStatus::cancelled}});
}

}  // namespace
}  // namespace slipway
