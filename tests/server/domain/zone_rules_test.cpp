#include "server/domain/reresolution.h"
#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

constexpr auto kOne = made<ScheduleId>(1);
constexpr auto kBelow = made<ScheduleId>(2);
constexpr auto kBelowThat = made<ScheduleId>(3);

WallClock in_new_york(std::string_view local,
                      Disambiguation disambiguation = Disambiguation::compatible) {
    return {wall(local), "US/Eastern", disambiguation};
}

ScheduleDeployment scheduled_at(const WallClock& at, const Policies& policies = {}) {
    ScheduleDeployment command;
    command.app = kApi;
    command.at = at;
    command.policies = policies;
    return command;
}

// api, db 15 minutes before it, and ui 15 minutes before that.
ScheduleDeployment schedule_chain(const WallClock& at, const Policies& policies = {}) {
    auto command = scheduled_at(at, policies);
    const Dependency last{kUi, kLeadSecondsDefault, {}, "/dependency/dependency"};
    command.dependencies = {{kDb, kLeadSecondsDefault, {last}, "/dependency"}};
    return command;
}

DueTimeReresolved moved(ScheduleId id, std::string_view from, std::string_view to,
                        std::string_view local, Seconds offset,
                        Resolution resolution = Resolution::exact) {
    return {id,         instant(from), instant(to), wall(local),
            resolution, offset,        "2027b",     "America/New_York"};
}

DeploymentHeld misfired(ScheduleId id, const std::string& due_at) {
    return {id,
            HoldReason::misfire,
            "the zone rules 2027b moved it to " + due_at + ", which has passed",
            {}};
}

// Tomorrow at nine in New York: 14:00 in UTC.
const WallClock kNine = in_new_york("2027-02-11T09:00");

// ---- Which rules are in force

TEST(ChangeZoneRules, AreRecordedWithThoseBefore) {
    Scenario story{kNoon};
    story.when(ChangeZoneRules{"2027a"})
        .then({ZoneRulesChanged{"", "2027a", ""}})
        .when(ChangeZoneRules{"2027b"})
        .then({ZoneRulesChanged{"2027a", "2027b", ""}})
        .when(ChangeZoneRules{"2027a"})
        .then({ZoneRulesChanged{"2027b", "2027a", ""}});
    EXPECT_EQ(story.state().installation().zone_rules(), "2027a");
}

TEST(ChangeZoneRules, ToThoseInForceIsNothing) {
    Scenario{kNoon}.when(ChangeZoneRules{"2027a"}).when(ChangeZoneRules{"2027a"}).then_nothing();
}

TEST(ChangeZoneRules, OfOneVersionHaveTwoNamesIfTheirDigestsDiffer) {
    const std::string one(64, 'a');
    const std::string other(64, 'b');
    Scenario{kNoon}
        .when(ChangeZoneRules{"2027a", one})
        .then({ZoneRulesChanged{"", "2027a", one}})
        .when(ChangeZoneRules{"2027a", other})
        .then({ZoneRulesChanged{"2027a", "2027a+bbbbbbbbbbbb", other}})
        .when(ChangeZoneRules{"2027a", other})
        .then_nothing()
        .when(ChangeZoneRules{"2027a", one})
        .then({ZoneRulesChanged{"2027a+bbbbbbbbbbbb", "2027a", one}});
}

// 0.1.0 kept no digest, so nobody can say that the rules are the same.
TEST(ChangeZoneRules, OfUnknownDigestAreOthers) {
    const std::string one(64, 'a');
    Scenario{kNoon}
        .given({ZoneRulesChanged{"", "2027a", ""}})
        .when(ChangeZoneRules{"2027a", one})
        .then({ZoneRulesChanged{"2027a", "2027a+aaaaaaaaaaaa", one}});
}

// ---- What moves

TEST(ReresolveDueTime, MovesAWallClockThatStandsForAnotherInstant) {
    Scenario story{kNoon};
    story.when(scheduled_at(kNine))
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .then(
            {moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T13:00:00Z", "2027-02-11T09:00", -4h)});
    EXPECT_EQ(story.row(kOne).due_at, instant("2027-02-11T13:00:00Z"));
    EXPECT_EQ(story.state().schedules().tzdb_version(story.row(kOne)), "2027b");
    EXPECT_EQ(story.state().schedules().original_timezone(story.row(kOne)), "US/Eastern");
    story.at(instant("2027-02-11T13:00:00Z"))
        .when_timer_ticks()
        .then({due(kOne, instant("2027-02-11T13:00:00Z"), instant("2027-02-11T13:00:00Z"))});
}

TEST(ReresolveDueTime, OfWhatHasMovedIsNothing) {
    Scenario{kNoon}
        .when(scheduled_at(kNine))
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .when(ReresolveDueTime{kOne})
        .then_nothing();
}

TEST(ReresolveDueTime, MovesBackWhenTheRulesDo) {
    Scenario story{kNoon};
    story.when(scheduled_at(kNine)).zone_rules("2027b", 1h).when(ReresolveDueTime{kOne});
    story.zone_rules("2027a", 0h).when(ReresolveDueTime{kOne});
    EXPECT_EQ(story.count<DueTimeReresolved>(), 1U);
    EXPECT_EQ(story.row(kOne).due_at, instant("2027-02-11T14:00:00Z"));
}

TEST(ReresolveDueTime, OfAnInstantThatStaysIsNothing) {
    Scenario story{kNoon};
    story.when(scheduled_at(kNine))
        .when(scheduled_at(utc_clock(kNoon + 1h)))
        .zone_rules("2027b", 0h)
        .when(ReresolveDueTime{kOne})
        .then_nothing();
    story.zone_rules("2027c", 1h).when(ReresolveDueTime{made<ScheduleId>(2)}).then_nothing();
}

TEST(ReresolveDueTime, LeavesWhatWasRequestedAtOnce) {
    RequestDeployment command;
    command.app = kApi;
    Scenario{kNoon}
        .when(command)
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .then_nothing();
}

TEST(ReresolveDueTime, LeavesWhatIsDueOrEnded) {
    Scenario story{kNoon};
    story.when(scheduled_at(kNine)).at(instant("2027-02-11T14:00:00Z")).when_timer_ticks();
    story.zone_rules("2027b", -1h).when(ReresolveDueTime{kOne}).then_nothing();
    story.when_deployed(kOne).when(ReresolveDueTime{kOne}).then_nothing();
}

TEST(ReresolveDueTime, OfAnUnknownScheduleIsRejected) {
    Scenario{kNoon}.when(ReresolveDueTime{kRoot}).then_rejected(RejectionCode::schedule_not_found);
}

TEST(ReresolveDueTime, KeepsTheInstantOfAZoneThatIsNoMore) {
    Scenario story{kNoon};
    story.when(scheduled_at(kNine))
        .zone_rules_without("2027b", "America/New_York")
        .when(ReresolveDueTime{kOne})
        .then_nothing()
        .at(instant("2027-02-11T14:00:00Z"))
        .when_timer_ticks()
        .then({due(kOne, story.now(), story.now())});
}

TEST(ReresolveDueTime, TakesTheNameOfAZoneThatLeftItsLink) {
    Scenario story{kNoon};
    story.when(schedule_chain(kNine)).zone_rules_cut_link("2027b", 0h);
    DueTimeReresolved own =
        moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T15:00:00Z", "2027-02-11T09:00", -6h);
    own.timezone = "US/Eastern";
    story.when(ReresolveDueTime{kOne});
    ASSERT_EQ(story.decided().front(), Event{own});
    for (const ScheduleId id : {kOne, kBelow, kBelowThat}) {
        EXPECT_EQ(story.state().schedules().timezone(story.row(id)), "US/Eastern");
    }
}

// The instant stays, and the change is on record once.
TEST(ReresolveDueTime, TakesTheNameOfWhatItsZoneIsALinkToNow) {
    Scenario story{kNoon};
    story.zone_rules_cut_link("2027a", 0h).when(schedule_chain(kNine));
    EXPECT_EQ(story.state().schedules().timezone(story.row(kBelow)), "US/Eastern");
    story.zone_rules("2027b", -1h)
        .when(ReresolveDueTime{kBelow})
        .then(
            {moved(kOne, "2027-02-11T15:00:00Z", "2027-02-11T15:00:00Z", "2027-02-11T09:00", -6h),
             moved(kBelow, "2027-02-11T14:45:00Z", "2027-02-11T14:45:00Z", "2027-02-11T08:45", -6h),
             moved(kBelowThat, "2027-02-11T14:30:00Z", "2027-02-11T14:30:00Z", "2027-02-11T08:30",
                   -6h)})
        .when(ReresolveDueTime{kOne})
        .then_nothing();
}

// ---- Gaps and overlaps

TEST(ReresolveDueTime, ShiftsAWallClockInsideOfAGapAgain) {
    Scenario{kNoon}
        .when(scheduled_at(in_new_york("2027-03-14T02:30")))
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .then({moved(kOne, "2027-03-14T07:30:00Z", "2027-03-14T06:30:00Z", "2027-03-14T02:30", -3h,
                     Resolution::gap_shifted)});
}

TEST(ReresolveDueTime, TakesTheOneOfTwoThatWasWanted) {
    Scenario story{kNoon};
    story.when(scheduled_at(in_new_york("2027-11-07T01:30", Disambiguation::later)))
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .then({moved(kOne, "2027-11-07T06:30:00Z", "2027-11-07T05:30:00Z", "2027-11-07T01:30", -4h,
                     Resolution::overlap_later)});
}

// At 10:00 in UTC the clocks of one zone go back by an hour, and those of another forward: 10:30
// occurs there twice, and never.
const date::sys_seconds kTransition = date::sys_days{date::year{2027} / 6 / 1} + 10h;
const ZoneRules kTwice{1h, {{kTransition, 0h}}, std::nullopt};
const ZoneRules kNever1030{0h, {{kTransition, 1h}}, std::nullopt};

struct Accepted {
    Disambiguation disambiguation = Disambiguation::compatible;
    Resolution resolution = Resolution::exact;
    Instant due_at = instant("2027-06-01T12:00:00Z");
    LocalTime wall_clock = wall("2027-06-01T10:30");
};

std::optional<Occurrence> moved_by(const ZoneRules& rules, const Accepted& accepted) {
    ScheduleRow row;
    row.due_at = accepted.due_at;
    row.wall_clock = accepted.wall_clock;
    row.disambiguation = accepted.disambiguation;
    row.resolution = accepted.resolution;
    return moved_occurrence(row, Zone{"Made/Up", "Made/Up", &rules});
}

const Occurrence kEarlierOfTwo{instant("2027-06-01T09:30:00Z"), 1h, Resolution::overlap_earlier};
const Occurrence kLaterOfTwo{instant("2027-06-01T10:30:00Z"), 0h, Resolution::overlap_later};

TEST(ReresolveDueTime, TakesOfANewOverlapTheOneThatWasWanted) {
    EXPECT_EQ(moved_by(kTwice, {}), kEarlierOfTwo);
    EXPECT_EQ(moved_by(kTwice, {.disambiguation = Disambiguation::earlier}), kEarlierOfTwo);
    EXPECT_EQ(moved_by(kTwice, {.disambiguation = Disambiguation::later}), kLaterOfTwo);
}

TEST(ReresolveDueTime, ShiftsWhatANewGapSwallows) {
    const Occurrence after{instant("2027-06-01T10:30:00Z"), 1h, Resolution::gap_shifted};
    const Occurrence before{instant("2027-06-01T09:30:00Z"), 0h, Resolution::gap_shifted};
    EXPECT_EQ(moved_by(kNever1030, {}), after);
    EXPECT_EQ(moved_by(kNever1030, {.disambiguation = Disambiguation::later}), after);
    EXPECT_EQ(moved_by(kNever1030, {.disambiguation = Disambiguation::earlier}), before);
}

TEST(ReresolveDueTime, DoesNotRefuseWhatWasAccepted) {
    EXPECT_EQ(moved_by(kTwice, {.disambiguation = Disambiguation::reject}), kEarlierOfTwo);
    EXPECT_TRUE(moved_by(kNever1030, {.disambiguation = Disambiguation::reject}));
}

TEST(ReresolveDueTime, KeepsTheLaterOfTwoThatNobodyChose) {
    EXPECT_EQ(moved_by(kTwice, {.resolution = Resolution::overlap_later}), kLaterOfTwo);
    EXPECT_FALSE(
        moved_by(kTwice, {.resolution = Resolution::overlap_later, .due_at = kLaterOfTwo.due}));
    EXPECT_FALSE(
        moved_by(kTwice, {.resolution = Resolution::overlap_earlier, .due_at = kEarlierOfTwo.due}));
}

TEST(ReresolveDueTime, MovesNothingBeyondTheYear9999) {
    const ZoneRules west{-1h, {}, std::nullopt};
    EXPECT_FALSE(moved_by(
        west, {.due_at = instant("9999-12-31T23:30:00Z"), .wall_clock = wall("9999-12-31T23:30")}));
}

// ---- Dependencies

TEST(ReresolveDueTime, MovesDependenciesAlong) {
    for (const ScheduleId asked : {kOne, kBelow, kBelowThat}) {
        Scenario{kNoon}
            .when(schedule_chain(kNine))
            .zone_rules("2027b", -1h)
            .when(ReresolveDueTime{asked})
            .then({moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T15:00:00Z", "2027-02-11T09:00",
                         -6h),
                   moved(kBelow, "2027-02-11T13:45:00Z", "2027-02-11T14:45:00Z", "2027-02-11T08:45",
                         -6h),
                   moved(kBelowThat, "2027-02-11T13:30:00Z", "2027-02-11T14:30:00Z",
                         "2027-02-11T08:30", -6h)});
    }
}

TEST(ReresolveDueTime, KeepsTheLeadInElapsedTime) {
    Scenario story{kNoon};
    story.when(schedule_chain(in_new_york("2027-03-14T03:10")))
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne});
    EXPECT_EQ(story.row(kOne).due_at - story.row(kBelow).due_at, 15min);
    EXPECT_EQ(story.row(kBelow).wall_clock, wall("2027-03-14T01:55"));
    EXPECT_EQ(story.row(kBelow).utc_offset_seconds, -4 * 3600);
}

TEST(ReresolveDueTime, ComesBackToADependencyThatStayedBehind) {
    auto command = scheduled_at(kNine);
    command.dependencies = {{kDb, kLeadSecondsDefault, {}, "/dependency"}};
    DueTimeReresolved back =
        moved(kOne, "2027-02-11T15:00:00Z", "2027-02-11T14:00:00Z", "2027-02-11T09:00", -5h);
    back.tzdb_version = "2027c";
    Scenario{kNoon}
        .when(command)
        .when(HoldDeployment{kBelow, ""})
        .at(instant("2027-02-11T13:50:00Z"))
        .zone_rules("2027b", -1h)
        .when(ReresolveDueTime{kOne})
        .then(
            {moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T15:00:00Z", "2027-02-11T09:00", -6h)})
        .at(instant("2027-02-11T13:00:00Z"))  // the clock is set back
        .zone_rules("2027c", 0h)
        .when(ReresolveDueTime{kOne})
        .then({back});
}

TEST(ReresolveDueTime, LeavesADependencyThatIsUnderWay) {
    Scenario story{kNoon};
    story.when(schedule_chain(kNine))
        .at(instant("2027-02-11T13:30:00Z"))
        .when_timer_ticks()
        .when_deployed(kBelowThat)
        .zone_rules("2027b", -1h)
        .when(ReresolveDueTime{kOne});
    EXPECT_EQ(story.count<DueTimeReresolved>(), 2U);
    story.then_status({{kBelowThat, ScheduleStatus::succeeded}});
}

TEST(ReresolveDueTime, LetsALeadThatWasShortenedBeWholeAgain) {
    auto command = schedule_chain(kNine);
    command.dependencies.front().lead_seconds = 2 * 24 * 3600;
    Scenario story{kNoon};
    story.when(command);
    ASSERT_TRUE(story.row(kBelow).lead_shortened);
    // Still in the past: it starts at once, as it would have.
    story.zone_rules("2027b", -1h).when(ReresolveDueTime{kOne});
    EXPECT_EQ(story.count<DueTimeReresolved>(), 1U);
    EXPECT_TRUE(story.row(kBelow).lead_shortened);
    story.at(instant("2027-02-09T12:00:00Z")).zone_rules("2027c", -2h);
    story.when(ReresolveDueTime{kOne});
    EXPECT_FALSE(story.row(kBelow).lead_shortened);
    EXPECT_EQ(story.row(kBelow).due_at, instant("2027-02-09T16:00:00Z"));
}

// ---- Held and waiting

TEST(ReresolveDueTime, MovesWhatIsHeldAndStillToCome) {
    Scenario story{kNoon};
    story.when(scheduled_at(kNine))
        .when(HoldDeployment{kOne, "look first"})
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .then_status({{kOne, ScheduleStatus::held}});
    EXPECT_EQ(story.row(kOne).due_at, instant("2027-02-11T13:00:00Z"));
    story.when(ReleaseDeployment{kOne, "go"}).at(instant("2027-02-11T13:00:00Z"));
    story.when_timer_ticks();
    EXPECT_EQ(story.count<DeploymentDue>(), 1U);
}

TEST(ReresolveDueTime, LeavesWhatPassedWhileItWasHeld) {
    Scenario{kNoon}
        .when(scheduled_at(kNine))
        .when(HoldDeployment{kOne, "look first"})
        .at(instant("2027-02-11T14:00:01Z"))
        .zone_rules("2027b", -1h)
        .when(ReresolveDueTime{kOne})
        .then_nothing();
}

// The change passed it over, since its instant had passed; then the clock was set back.
TEST(ReleaseDeployment, TakesTheInstantOfTheRulesInForce) {
    Scenario{kNoon}
        .when(scheduled_at(kNine))
        .when(HoldDeployment{kOne, "look first"})
        .at(instant("2027-02-11T14:00:01Z"))
        .zone_rules("2027b", -1h)
        .when(ReresolveDueTime{kOne})
        .then_nothing()
        .at(kNoon)
        .when(ReleaseDeployment{kOne, "go"})
        .then(
            {DeploymentReleased{kOne, ReleaseReason::by_user, "go"},
             moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T15:00:00Z", "2027-02-11T09:00", -6h)});
}

// The person who lets it go sees an instant that is still to come, so it does not run at once.
TEST(ReleaseDeployment, HoldsWhatTheRulesInForceMoveIntoThePast) {
    Scenario{kNoon}
        .when(scheduled_at(kNine))
        .when(HoldDeployment{kOne, "look first"})
        .at(instant("2027-02-11T14:00:01Z"))
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .at(instant("2027-02-11T13:30:00Z"))
        .when(ReleaseDeployment{kOne, "go"})
        .then({DeploymentReleased{kOne, ReleaseReason::by_user, "go"},
               moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T13:00:00Z", "2027-02-11T09:00", -4h),
               misfired(kOne, "2027-02-11T13:00:00Z")});
}

TEST(ReresolveDueTime, LeavesWhatWaitsForItsDependency) {
    Scenario{kNoon}
        .when(schedule_chain(kNine))
        .at(instant("2027-02-11T14:00:00Z"))
        .when_timer_ticks()
        .then_status({{kOne, ScheduleStatus::waiting}})
        .zone_rules("2027b", -1h)
        .when(ReresolveDueTime{kOne})
        .then_nothing();
}

// ---- Into the past

TEST(ReresolveDueTime, HoldsWhatWouldHavePassedAndNeverRunsIt) {
    for (const MisfireAction action : {MisfireAction::hold, MisfireAction::run}) {
        auto policies = on_misfire(action);
        policies.misfire_grace_seconds = 24 * 3600;
        Scenario story{kNoon};
        story.when(scheduled_at(kNine, policies))
            .at(instant("2027-02-11T13:20:00Z"))
            .zone_rules("2027b", 1h)
            .when(ReresolveDueTime{kOne})
            .then({moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T13:00:00Z", "2027-02-11T09:00",
                         -4h),
                   misfired(kOne, "2027-02-11T13:00:00Z")});
        story.after(24h).when_timer_ticks().then_nothing();
    }
}

TEST(ReresolveDueTime, MissesWhatWouldHavePassedIfThatIsItsPolicy) {
    Scenario{kNoon}
        .when(schedule_chain(kNine, on_misfire(MisfireAction::skip)))
        .at(instant("2027-02-11T13:20:00Z"))
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .then_status({{kOne, ScheduleStatus::missed},
                      {kBelow, ScheduleStatus::cancelled},
                      {kBelowThat, ScheduleStatus::cancelled}});
}

TEST(ReresolveDueTime, HoldsADependencyThatWouldHavePassed) {
    Scenario story{kNoon};
    story.when(schedule_chain(kNine))
        .at(instant("2027-02-11T12:50:00Z"))
        .zone_rules("2027b", 1h)
        .when(ReresolveDueTime{kOne})
        .then_status({{kOne, ScheduleStatus::scheduled},
                      {kBelow, ScheduleStatus::held},
                      {kBelowThat, ScheduleStatus::held}});
    EXPECT_EQ(story.row(kBelow).hold_reason, HoldReason::misfire);
}

TEST(ReresolveDueTime, IsBelatedWhereTheOldInstantHadPassedToo) {
    Scenario story{kNoon};
    story.when(scheduled_at(kNine))
        .at(instant("2027-02-11T14:05:00Z"))
        .zone_rules("2027b", 30min)
        .when(ReresolveDueTime{kOne})
        .then({moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T13:30:00Z", "2027-02-11T09:00",
                     -4h - 30min)});
    story.when_timer_ticks().then_status({{kOne, ScheduleStatus::held}});
    EXPECT_EQ(story.row(kOne).hold_reason, HoldReason::misfire);
}

// ---- A wake while a change is under way

TEST(Wake, ByOldRulesMovesToTheInstantOfTheNewOnes) {
    Scenario{kNoon}
        .when(scheduled_at(kNine))
        .at(instant("2027-02-11T14:00:00Z"))
        .zone_rules("2027b", -1h)
        .when_timer_ticks()
        .then(
            {moved(kOne, "2027-02-11T14:00:00Z", "2027-02-11T15:00:00Z", "2027-02-11T09:00", -6h)})
        .after(1h)
        .when_timer_ticks()
        .then({due(kOne, instant("2027-02-11T15:00:00Z"), instant("2027-02-11T15:00:00Z"))});
}

TEST(Wake, OfADependencyByOldRulesMovesItsTree) {
    Scenario story{kNoon};
    story.when(schedule_chain(kNine))
        .at(instant("2027-02-11T13:30:00Z"))
        .zone_rules("2027b", -1h)
        .when_timer_ticks();
    EXPECT_EQ(story.count<DueTimeReresolved>(), 3U);
    EXPECT_EQ(story.count<DeploymentDue>(), 0U);
}

TEST(Wake, ByOldRulesThatSayTheSameMakesItDue) {
    Scenario{kNoon}
        .when(scheduled_at(kNine))
        .at(instant("2027-02-11T14:00:00Z"))
        .zone_rules("2027b", 0h)
        .when_timer_ticks()
        .then({due(kOne, instant("2027-02-11T14:00:00Z"), instant("2027-02-11T14:00:00Z"))});
}

}  // namespace
}  // namespace slipway
