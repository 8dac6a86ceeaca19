#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

RescheduleDeployment to(ScheduleId id, Instant at) {
    return {id, utc_clock(at), {}, {}, {}};
}

DeploymentRescheduled moved(ScheduleId id, Instant at, bool lead_shortened = false) {
    return {id, utc_time(at), lead_shortened};
}

TEST(RescheduleDeployment, MovesIt) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(to(kRoot, kNoon + 2h))
        .then({moved(kRoot, kNoon + 2h)})
        .after(1h)
        .when_timer_ticks()
        .then_nothing()
        .after(1h)
        .when_timer_ticks()
        .then({due(kRoot, kNoon + 2h, kNoon + 2h)});
}

TEST(RescheduleDeployment, TakesTheDependenciesAlong) {
    Scenario{kNoon}
        .given(chain(kNoon + 1h))
        .when(to(kRoot, kNoon + 5h))
        .then({moved(kRoot, kNoon + 5h), moved(kFirst, kNoon + 5h - 15min),
               moved(kSecond, kNoon + 5h - 30min)});
}

TEST(RescheduleDeployment, ShortensALeadThatBeganInThePast) {
    Scenario{kNoon}
        .given(pair(kNoon + 5h))
        .when(to(kRoot, kNoon + 5min))
        .then({moved(kRoot, kNoon + 5min), moved(kFirst, kNoon, true)});
}

TEST(RescheduleDeployment, MovesAHeldDependencyAndLeavesItHeld) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(HoldDeployment{kFirst, {}})
        .when(to(kRoot, kNoon + 2h))
        .then({moved(kRoot, kNoon + 2h), moved(kFirst, kNoon + 105min)})
        .then_status({{kFirst, ScheduleStatus::held}})
        .when(ReleaseDeployment{kFirst, {}})
        .at(kNoon + 105min)
        .when_timer_ticks()
        .then_status({{kFirst, ScheduleStatus::due}});
}

TEST(RescheduleDeployment, LeavesADependencyThatIsUnderWayOrHasEnded) {
    Scenario{kNoon}
        .given(fan(kNoon + 15min))
        .when_timer_ticks()
        .when_deployed(kFirst)
        .when(to(kRoot, kNoon + 2h))
        .then({moved(kRoot, kNoon + 2h)})
        .when_deployed(kSecond)
        .at(kNoon + 2h)
        .when_timer_ticks()
        .then_status({{kRoot, ScheduleStatus::due}});
}

TEST(RescheduleDeployment, OfADependencyIsRejectedAndNamesTheParent) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(to(kFirst, kNoon + 2h))
        .then_rejected(RejectionCode::is_a_dependency, kRoot.text());
}

TEST(RescheduleDeployment, RevisesTheTermsOfADependency) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(RescheduleDeployment{kFirst, {}, {}, "first", {}})
        .then({DeploymentTermsRevised{kFirst, {}, "first", {}}});
}

TEST(RescheduleDeployment, RevisesTheTermsAndLeavesTheTime) {
    Scenario story{kNoon};
    const Policies policies = on_misfire(MisfireAction::skip);
    story.given({scheduled(kRoot, kApi, kNoon + 1h, {.note = "one"})})
        .when(RescheduleDeployment{kRoot, {}, policies, "two", {{"a", "b"}}})
        .then({DeploymentTermsRevised{kRoot, policies, "two", {{"a", "b"}}}})
        .when(RescheduleDeployment{kRoot, {}, policies, "two", {{"a", "b"}}})
        .then_nothing();
    EXPECT_EQ(story.state().schedules().policies(story.row(kRoot)), policies);
}

TEST(RescheduleDeployment, OfWhatIsNotScheduledIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon), scheduled(kFirst, kApi, kNoon + 1h)})
        .when_timer_ticks()
        .when(to(kRoot, kNoon + 1h))
        .then_rejected(RejectionCode::not_scheduled, "is due")
        .when(HoldDeployment{kFirst, {}})
        .when(to(kFirst, kNoon + 2h))
        .then_rejected(RejectionCode::not_scheduled, "is held")
        .when(CancelDeployment{kFirst, {}})
        .when(to(kFirst, kNoon + 2h))
        .then_rejected(RejectionCode::not_scheduled, "is cancelled");
}

TEST(RescheduleDeployment, NamesEveryBadField) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .when(RescheduleDeployment{
            kRoot, WallClock{wall("2027-02-11T00:00"), "Nowhere"}, {}, std::string(2'001, 'x'), {}})
        .then_rejected_fields({{"/note", RejectionCode::invalid_field},
                               {"/timezone", RejectionCode::unknown_timezone}})
        .when(to(kRoot, kNoon - 1min))
        .then_rejected(RejectionCode::due_in_past);
}

TEST(RescheduleDeployment, OfAnotherTeamIsNotFound) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h)})
        .as(kMallory, kRivals)
        .when(to(kRoot, kNoon + 2h))
        .then_rejected(RejectionCode::schedule_not_found);
}

}  // namespace
}  // namespace slipway
