#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

WallClock clock_in(std::string_view zone, std::string_view local,
                   Disambiguation disambiguation = Disambiguation::compatible) {
    return {wall(local), std::string{zone}, disambiguation};
}

ScheduleDeployment schedule(const WallClock& at, std::vector<Dependency> dependencies = {}) {
    ScheduleDeployment command;
    command.app = kApi;
    command.at = at;
    command.dependencies = std::move(dependencies);
    return command;
}

ScheduleDeployment schedule(Instant at, std::vector<Dependency> dependencies = {}) {
    return schedule(utc_clock(at), std::move(dependencies));
}

Dependency on(AppId app, std::vector<Dependency> dependencies = {},
              std::uint32_t lead_seconds = kLeadSecondsDefault) {
    return {app, lead_seconds, std::move(dependencies), "/dependency"};
}

// The PlannedTime of the `index`th event of the last command.
PlannedTime time_of(const Scenario& story, std::size_t index) {
    return std::get<DeploymentScheduled>(story.decided().at(index)).time;
}

constexpr auto kRootMade = made<ScheduleId>(1);
constexpr auto kFirstMade = made<ScheduleId>(2);
constexpr auto kSecondMade = made<ScheduleId>(3);

TEST(ScheduleDeployment, PinsTheVersionOfTheApp) {
    Scenario{kNoon}
        .when(ReviseApp{kApi, definition("api-two")})
        .when(schedule(kNoon + 1h))
        .then({scheduled(kRootMade, kApi, kNoon + 1h, {.app_version = Version{2}})});
}

TEST(ScheduleDeployment, LeavesTheVersionOpenIfTheLatestIsWanted) {
    auto command = schedule(kNoon + 1h, {on(kDb)});
    command.latest_version = true;
    Scenario{kNoon}.when(command).then(
        {scheduled(kRootMade, kApi, kNoon + 1h, {.app_version = Version{}}),
         scheduled(kFirstMade, kDb, kNoon + 45min,
                   {.parent = kRootMade, .lead_seconds = 900, .app_version = Version{}})});
}

TEST(ScheduleDeployment, KeepsNoteLabelsAndPolicies) {
    auto command = schedule(kNoon + 1h, {on(kDb)});
    command.note = "release 7";
    command.labels = {{"team", "ops"}};
    command.policies = on_misfire(MisfireAction::run);
    Scenario{kNoon}.when(command).then(
        {scheduled(
             kRootMade, kApi, kNoon + 1h,
             {.policies = command.policies, .note = "release 7", .labels = {{"team", "ops"}}}),
         scheduled(kFirstMade, kDb, kNoon + 45min,
                   {.parent = kRootMade, .lead_seconds = 900, .policies = command.policies})});
}

// ---- Wall clocks

TEST(ScheduleDeployment, RecordsWhatTheWallClockStandsFor) {
    Scenario story{kNoon};
    story.when(schedule(clock_in("US/Eastern", "2027-02-11T03:00")));
    const PlannedTime time = time_of(story, 0);
    EXPECT_EQ(time.wall_clock, wall("2027-02-11T03:00"));
    EXPECT_EQ(time.original_timezone, "US/Eastern");
    EXPECT_EQ(time.timezone, "America/New_York");
    EXPECT_EQ(time.due_at, instant("2027-02-11T08:00:00Z"));
    EXPECT_EQ(time.utc_offset_seconds, -5h);
    EXPECT_EQ(time.resolution, Resolution::exact);
    EXPECT_EQ(time.tzdb_version, "2027a");
}

TEST(ScheduleDeployment, ShiftsAWallClockThatDoesNotOccur) {
    Scenario story{kNoon};
    story.when(schedule(clock_in("America/New_York", "2027-03-14T02:30")));
    EXPECT_EQ(time_of(story, 0).due_at, instant("2027-03-14T07:30:00Z"));
    EXPECT_EQ(time_of(story, 0).resolution, Resolution::gap_shifted);
    EXPECT_EQ(time_of(story, 0).utc_offset_seconds, -4h);
}

TEST(ScheduleDeployment, TakesTheEarlierOfTwoUnlessTheLaterIsWanted) {
    Scenario story{kNoon};
    story.when(schedule(clock_in("America/New_York", "2027-11-07T01:30")));
    EXPECT_EQ(time_of(story, 0).due_at, instant("2027-11-07T05:30:00Z"));
    EXPECT_EQ(time_of(story, 0).resolution, Resolution::overlap_earlier);
    story.when(schedule(clock_in("America/New_York", "2027-11-07T01:30", Disambiguation::later)));
    EXPECT_EQ(time_of(story, 0).due_at, instant("2027-11-07T06:30:00Z"));
    EXPECT_EQ(time_of(story, 0).resolution, Resolution::overlap_later);
}

TEST(ScheduleDeployment, RejectsSuchWallClocksIfThatIsWanted) {
    Scenario{kNoon}
        .when(schedule(clock_in("America/New_York", "2027-03-14T02:30", Disambiguation::reject)))
        .then_rejected(RejectionCode::nonexistent_local_time, "2027-03-14T07:30:00Z")
        .when(schedule(clock_in("America/New_York", "2027-11-07T01:30", Disambiguation::reject)))
        .then_rejected(RejectionCode::ambiguous_local_time, "2027-11-07T06:30:00Z")
        .then_rejected_fields({{"/hour", RejectionCode::ambiguous_local_time}});
}

TEST(ScheduleDeployment, TakesTheReadingThatAnOffsetPicksAndKeepsItByOtherRules) {
    WallClock clock = clock_in("America/New_York", "2027-11-07T01:30", Disambiguation::earlier);
    clock.offset = -5h;
    Scenario story{kNoon};
    story.when(schedule(clock));
    EXPECT_EQ(time_of(story, 0).due_at, instant("2027-11-07T06:30:00Z"));
    EXPECT_EQ(time_of(story, 0).resolution, Resolution::overlap_later);
    EXPECT_EQ(time_of(story, 0).disambiguation, Disambiguation::later);
    story.zone_rules("2027b", 1h).when(ReresolveDueTime{kRootMade});
    EXPECT_EQ(story.row(kRootMade).due_at, instant("2027-11-07T05:30:00Z"));
    EXPECT_EQ(story.row(kRootMade).resolution, Resolution::overlap_later);
}

TEST(ScheduleDeployment, WithAnOffsetThatIsNotInForceIsRejected) {
    WallClock clock = clock_in("America/New_York", "2027-02-11T03:00");
    clock.offset = -8h;
    Scenario{kNoon}
        .when(schedule(clock))
        .then_rejected(RejectionCode::offset_not_in_force, "2027-02-11T08:00:00Z");
    clock = clock_in("America/New_York", "2027-03-14T02:30");
    clock.offset = -5h;
    Scenario{kNoon}
        .when(schedule(clock))
        .then_rejected(RejectionCode::offset_not_in_force, "2027-03-14T07:30:00Z");
}

TEST(ScheduleDeployment, AtAnInstantOfUtcHasTheWallClockOfItsZone) {
    WallClock clock = clock_in("US/Eastern", "2027-11-07T06:30");
    clock.is_utc = true;
    Scenario story{kNoon};
    story.when(schedule(clock));
    EXPECT_EQ(time_of(story, 0).due_at, instant("2027-11-07T06:30:00Z"));
    EXPECT_EQ(time_of(story, 0).wall_clock, wall("2027-11-07T01:30"));
    EXPECT_EQ(time_of(story, 0).resolution, Resolution::overlap_later);
    clock = clock_in("Europe/Berlin", "9999-12-31T23:30");
    clock.is_utc = true;
    story.when(schedule(clock)).then_rejected_fields({{"/year", RejectionCode::invalid_field}});
}

TEST(ScheduleDeployment, InThePastIsRejected) {
    Scenario{kNoon}
        .when(schedule(kNoon - 1min))
        .then_rejected(RejectionCode::due_in_past, "2027-02-10T12:00:00Z");
}

TEST(ScheduleDeployment, AtThisInstantIsAccepted) {
    Scenario{kNoon}
        .when(schedule(kNoon))
        .then({scheduled(kRootMade, kApi, kNoon)})
        .when_timer_ticks()
        .then({due(kRootMade, kNoon, kNoon)});
}

TEST(ScheduleDeployment, GoesOnToTheEndOfTheYear9999) {
    Scenario{kNoon}
        .when(schedule(clock_in("UTC", "9999-12-31T23:59")))
        .then({scheduled(kRootMade, kApi, instant("9999-12-31T23:59:00Z"))})
        .when(schedule(clock_in("America/New_York", "9999-12-31T18:59")))
        .when(schedule(clock_in("America/New_York", "9999-12-31T19:00")))
        .then_rejected_fields({{"/year", RejectionCode::invalid_field}});
}

TEST(ScheduleDeployment, InAnUnknownZoneIsRejectedWithEveryOtherBadField) {
    ScheduleDeployment command = schedule(clock_in("Mars/Olympus", "2027-02-11T03:00"));
    command.app = kForeign;
    command.note = std::string(2'001, 'x');
    command.labels = {{"", "empty"}};
    command.policies.retry_max_attempts = 0;
    command.policies.dependency_timeout_seconds = 0;
    command.dependencies = {{made<AppId>(9), 0, {}, "/dependency/0"},
                            {kDb, 0, {on(kDb)}, "/dependency/1"}};
    Scenario{kNoon}
        .when(command)
        .then_rejected(RejectionCode::invalid_field)
        .then_rejected_fields({{"/note", RejectionCode::invalid_field},
                               {"/labels/", RejectionCode::invalid_field},
                               {"/dependency_timeout_seconds", RejectionCode::invalid_field},
                               {"/retry/max_attempts", RejectionCode::invalid_field},
                               {"/app", RejectionCode::unknown_app},
                               {"/timezone", RejectionCode::unknown_timezone},
                               {"/dependency/0", RejectionCode::unknown_app},
                               {"/dependency", RejectionCode::dependency_cycle}});
}

TEST(ScheduleDeployment, WithAnOffsetForAZoneIsRejected) {
    Scenario{kNoon}
        .when(schedule(clock_in("+05:00", "2027-02-11T03:00")))
        .then_rejected(RejectionCode::unknown_timezone, "an offset");
}

TEST(ScheduleDeployment, OfAnArchivedAppIsRejected) {
    Scenario{kNoon}
        .given({AppArchived{kApi}, AppArchived{kDb}})
        .when(schedule(kNoon + 1h, {on(kDb)}))
        .then_rejected_fields(
            {{"/app", RejectionCode::app_archived}, {"/dependency", RejectionCode::app_archived}});
}

// ---- Dependencies

TEST(ScheduleDeployment, PutsADependencyItsLeadBefore) {
    Scenario{kNoon}
        .when(schedule(kNoon + 1h, {on(kDb)}))
        .then({scheduled(kRootMade, kApi, kNoon + 1h),
               scheduled(kFirstMade, kDb, kNoon + 45min,
                         {.parent = kRootMade, .lead_seconds = 900})});
}

TEST(ScheduleDeployment, MakesAChain) {
    Scenario{kNoon}
        .when(schedule(kNoon + 1h, {on(kDb, {on(kUi, {}, 60)})}))
        .then(
            {scheduled(kRootMade, kApi, kNoon + 1h),
             scheduled(kFirstMade, kDb, kNoon + 45min, {.parent = kRootMade, .lead_seconds = 900}),
             scheduled(kSecondMade, kUi, kNoon + 44min,
                       {.parent = kFirstMade, .lead_seconds = 60})});
}

TEST(ScheduleDeployment, MakesAFan) {
    Scenario{kNoon}
        .when(schedule(kNoon + 1h, {on(kDb, {}, 0), on(kUi, {}, 60)}))
        .then({scheduled(kRootMade, kApi, kNoon + 1h),
               scheduled(kFirstMade, kDb, kNoon + 1h, {.parent = kRootMade}),
               scheduled(kSecondMade, kUi, kNoon + 59min,
                         {.parent = kRootMade, .lead_seconds = 60})});
}

TEST(ScheduleDeployment, ShortensALeadThatBeganInThePast) {
    Scenario{kNoon}
        .when(schedule(kNoon + 10min, {on(kDb, {on(kUi)})}))
        .then({scheduled(kRootMade, kApi, kNoon + 10min),
               scheduled(kFirstMade, kDb, kNoon,
                         {.parent = kRootMade, .lead_seconds = 900, .lead_shortened = true}),
               scheduled(kSecondMade, kUi, kNoon,
                         {.parent = kFirstMade, .lead_seconds = 900, .lead_shortened = true})})
        .when_timer_ticks()
        .then_status({{kSecondMade, ScheduleStatus::due},
                      {kFirstMade, ScheduleStatus::waiting},
                      {kRootMade, ScheduleStatus::scheduled}});
}

TEST(ScheduleDeployment, LeadsByElapsedTimeOverAChangeOfTheClocks) {
    Scenario story{kNoon};
    story.when(schedule(clock_in("America/New_York", "2027-03-14T03:05"), {on(kDb)}));
    const PlannedTime spring = time_of(story, 1);
    EXPECT_EQ(spring.due_at, instant("2027-03-14T06:50:00Z"));
    EXPECT_EQ(spring.wall_clock, wall("2027-03-14T01:50"));
    EXPECT_EQ(spring.utc_offset_seconds, -5h);
    EXPECT_EQ(spring.timezone, "America/New_York");
    story.when(schedule(clock_in("America/New_York", "2027-11-07T01:05", Disambiguation::later),
                        {on(kDb)}));
    const PlannedTime autumn = time_of(story, 1);
    EXPECT_EQ(autumn.due_at, instant("2027-11-07T05:50:00Z"));
    EXPECT_EQ(autumn.wall_clock, wall("2027-11-07T01:50"));
    EXPECT_EQ(autumn.resolution, Resolution::overlap_earlier);
}

TEST(ScheduleDeployment, OfAnAppBeforeItselfIsRejected) {
    Scenario{kNoon}
        .when(schedule(kNoon + 1h, {on(kApi)}))
        .then_rejected(RejectionCode::dependency_cycle)
        .when(schedule(kNoon + 1h, {on(kDb, {on(kUi, {on(kDb)})})}))
        .then_rejected(RejectionCode::dependency_cycle)
        .when(schedule(kNoon + 1h, {on(kDb, {on(kUi, {on(kApi)})})}))
        .then_rejected(RejectionCode::dependency_cycle);
}

TEST(ScheduleDeployment, OfTheSameAppInTwoBranchesIsAccepted) {
    Scenario story{kNoon};
    story.when(schedule(kNoon + 1h, {on(kDb), on(kUi, {on(kDb)})}));
    EXPECT_EQ(story.count<DeploymentScheduled>(), 4U);
}

TEST(ScheduleDeployment, AfterTheSameAppTwiceAtTheSameTimeIsRejected) {
    Dependency again = on(kDb, {on(kUi)});
    again.pointer = "/dependency/1/app";
    Scenario story{kNoon};
    story.when(schedule(kNoon + 1h, {on(kDb), again}))
        .then_rejected(RejectionCode::duplicate_dependency)
        .then_rejected_fields({{"/dependency/1/app", RejectionCode::duplicate_dependency}})
        .when(schedule(kNoon + 1h, {on(kUi, {on(kDb), again})}))
        .then_rejected_fields({{"/dependency/1/app", RejectionCode::duplicate_dependency},
                               {"/dependency", RejectionCode::dependency_cycle}});
    story.when(schedule(kNoon + 1h, {on(kDb), on(kDb, {}, 60)}));
    EXPECT_EQ(story.count<DeploymentScheduled>(), 3U);
}

TEST(ScheduleDeployment, GoesDownTo32Dependencies) {
    std::vector<Event> apps;
    for (std::uint64_t i = 1; i <= kDependencyDepthMax + 1; ++i) {
        apps.push_back(AppCreated{AppId{{6, i}}, definition("app-" + std::to_string(i))});
    }
    std::vector<Dependency> below;
    for (std::uint64_t i = 1; i <= kDependencyDepthMax; ++i) below = {on(AppId{{6, i}}, below)};
    Scenario story{kNoon};
    story.given(apps).when(schedule(kNoon + 24h, below));
    EXPECT_EQ(story.count<DeploymentScheduled>(), kDependencyDepthMax + 1);
    below = {on(AppId{{6, kDependencyDepthMax + 1}}, below)};
    story.when(schedule(kNoon + 24h, below)).then_rejected(RejectionCode::too_many_dependencies);
}

TEST(ScheduleDeployment, HasAtMost200Dependencies) {
    std::vector<Event> apps;
    std::vector<Dependency> many;
    for (std::uint64_t i = 1; i <= kDependenciesMax; ++i) {
        apps.push_back(AppCreated{AppId{{6, i}}, definition("app-" + std::to_string(i))});
        many.push_back(on(AppId{{6, i}}));
    }
    Scenario story{kNoon};
    story.given(apps).when(schedule(kNoon + 24h, many));
    EXPECT_EQ(story.count<DeploymentScheduled>(), kDependenciesMax + 1);
    many.push_back(on(kDb));
    story.when(schedule(kNoon + 24h, many)).then_rejected(RejectionCode::too_many_dependencies);
}

}  // namespace
}  // namespace slipway
