#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

DeploymentCancelled cancelled(ScheduleId id, const std::string& note = {}) {
    return {id, id == kRoot ? CancelReason::by_user : CancelReason::parent_cancelled, note, kRoot};
}

TEST(CancelDeployment, EndsItBeforeItIsDue) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(CancelDeployment{kRoot, "not today"})
        .then({cancelled(kRoot, "not today")})
        .then_status({{kRoot, ScheduleStatus::cancelled}});
}

TEST(CancelDeployment, TakesAllItsPendingDependenciesAlong) {
    Scenario{kNoon}
        .given(chain(kNoon + 1h))
        .when(CancelDeployment{kRoot, {}})
        .then({cancelled(kRoot), cancelled(kFirst), cancelled(kSecond)});
}

TEST(CancelDeployment, LeavesADependencyThatIsUnderWay) {
    Scenario{kNoon}
        .given(fan(kNoon + 1h))
        .after(45min)
        .when(Wake{kFirst})
        .when(CancelDeployment{kRoot, {}})
        .then({cancelled(kRoot), cancelled(kSecond)})
        .then_status({{kFirst, ScheduleStatus::due}})
        .when_deployed(kFirst)
        .then_status({{kFirst, ScheduleStatus::succeeded}, {kRoot, ScheduleStatus::cancelled}});
}

TEST(CancelDeployment, TwiceChangesNothing) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(CancelDeployment{kRoot, {}})
        .when(CancelDeployment{kRoot, {}})
        .then_nothing();
}

TEST(CancelDeployment, OfADependencyIsRejectedAndNamesTheParent) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(CancelDeployment{kFirst, {}})
        .then_rejected(RejectionCode::is_a_dependency, kRoot.text());
}

TEST(CancelDeployment, OfADependencyIsAcceptedOnceItsParentGoesWithoutIt) {
    Policies policies = on_failure(DependencyFailurePolicy::proceed);
    policies.dependency_timeout_seconds = 60;
    Scenario{kNoon}
        .given(pair(kNoon + 1h, policies))
        .when(HoldDeployment{kFirst, {}})
        .after(1h)
        .when_timer_ticks()
        .after(1min)
        .when_timer_ticks()
        .then_status({{kRoot, ScheduleStatus::due}})
        .when(CancelDeployment{kFirst, {}})
        .then({DeploymentCancelled{kFirst, CancelReason::by_user, {}, kFirst}});
}

TEST(CancelDeployment, OnceItIsDueIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when(Wake{kRoot})
        .when(CancelDeployment{kRoot, {}})
        .then_rejected(RejectionCode::already_due, "is due")
        .when_started(kRoot)
        .when(CancelDeployment{kRoot, {}})
        .then_rejected(RejectionCode::already_due, "is running")
        .when_answered(kRoot, {})
        .when(CancelDeployment{kRoot, {}})
        .then_rejected(RejectionCode::already_ended, "is succeeded");
}

TEST(CancelDeployment, AfterItsTimeButBeforeTheTimerLookedWins) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .after(1min)
        .when(CancelDeployment{kRoot, {}})
        .then({cancelled(kRoot)})
        .when(Wake{kRoot})
        .then_rejected(RejectionCode::nothing_to_do);
}

TEST(CancelDeployment, OfWhatIsHeldOrWaitsIsAccepted) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .after(1h)
        .when(HoldDeployment{kFirst, {}})
        .when(Wake{kRoot})
        .then_status({{kRoot, ScheduleStatus::waiting}})
        .when(CancelDeployment{kRoot, {}})
        .then({cancelled(kRoot), cancelled(kFirst)});
}

TEST(CancelDeployment, OfAnotherTeamIsNotFound) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .as(kMallory, kRivals)
        .when(CancelDeployment{kRoot, {}})
        .then_rejected(RejectionCode::schedule_not_found);
}

TEST(CancelDeployment, OfADeploymentAtOnceIsNotFound) {
    Scenario{kNoon}
        .when(RequestDeployment{kApi, {}, {}, {}})
        .when(CancelDeployment{made<ScheduleId>(1), {}})
        .then_rejected(RejectionCode::schedule_not_found);
}

TEST(CancelDeployment, WithAReasonThatIsTooLongIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(CancelDeployment{kRoot, std::string(2'001, 'x')})
        .then_rejected_fields({{"/reason", RejectionCode::invalid_field}});
}

}  // namespace
}  // namespace slipway
