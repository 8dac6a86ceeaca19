#include "server/engine/zone_change.h"

#include "server/engine/timer.h"
#include "tests/server/engine/runtime_world.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<const Zones> rules(const std::string& version, Seconds eastward) {
    auto zones = std::make_unique<FewZones>();
    zones->change_rules(version, eastward);
    return zones;
}

// The state, the log and a lane over them; one process after another.
struct ZoneChangeTest : testing::Test, RuntimeWorld {
    struct Process {
        explicit Process(ZoneChangeTest& in, std::unique_ptr<const Zones> first)
            : zones(std::move(first)), lane(in.state, *in.log, in.clock, in.ids, zones) {
            lane.start_at(in.state.position());
            lane.observe([&in](const RecordedEvent& one) { in.seen.push_back(one); });
        }

        CurrentZones zones;
        CommandLane lane;
        ZoneChange change{lane, zones};
        Timer timer{lane};
    };

    // At nine tomorrow in New York: 14:00 in UTC.
    ScheduleId schedule_in_new_york(Process& process) {
        ScheduleDeployment command;
        command.app = kApi;
        command.at = {wall("2027-02-11T09:00"), "America/New_York"};
        const auto submitted = process.lane.submit(
            command, {Actor{ActorKind::user, kAlice, {}}, kOps, false}, {"request-1", {}, {}});
        log->flush();
        return ScheduleId{stream_of(std::get<Receipt>(submitted).events.front())};
    }
    const ScheduleRow& row(ScheduleId id) const {
        return state.schedules().at(state.schedules().find(id));
    }
    // Until there is nothing more to do at once. Returns how many ticks that took.
    int run(Process& process) {
        int ticks = 1;
        for (; process.change.tick(clock.time) <= clock.time; ++ticks) log->flush();
        log->flush();
        return ticks;
    }

    const Instant before_ = instant("2027-02-11T14:00:00Z");
    const Instant after_ = instant("2027-02-11T15:00:00Z");
};

TEST_F(ZoneChangeTest, SaysWhichRulesAreInForceBeforeAnythingElse) {
    Process process{*this, rules("2027a", 0s)};
    EXPECT_EQ(process.change.tick(clock.time), clock.time + kIdleWakeMax);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen.back().event,
              Event{(ZoneRulesChanged{"", "2027a", rules("2027a", 0s)->digest()})});
    EXPECT_TRUE(seen.back().envelope.team.is_nil());
    run(process);
    EXPECT_EQ(seen.size(), 1U);
}

TEST_F(ZoneChangeTest, MovesEveryScheduleOnceInBoundedSteps) {
    Process process{*this, rules("2027a", 0s)};
    run(process);
    constexpr std::size_t kSchedules = 2 * kMovesPerZoneTick + 1;
    for (std::size_t i = 0; i < kSchedules; ++i) schedule_in_new_york(process);
    process.change.take(rules("2027b", -1h));
    EXPECT_EQ(process.zones.version(), "2027a");
    EXPECT_EQ(process.change.tick(clock.time), clock.time);
    EXPECT_EQ(process.zones.version(), "2027b");
    EXPECT_EQ(count<DueTimeReresolved>(), kMovesPerZoneTick);
    EXPECT_EQ(process.change.left(), kMovesPerZoneTick + 1);
    run(process);
    EXPECT_EQ(count<DueTimeReresolved>(), kSchedules);
    EXPECT_EQ(process.change.left(), 0U);
    run(process);
    EXPECT_EQ(count<DueTimeReresolved>(), kSchedules);
}

TEST_F(ZoneChangeTest, LooksAtABoundedNumberInAStep) {
    Process process{*this, rules("2027a", 0s)};
    run(process);
    for (std::uint32_t i = 0; i < kRowsPerZoneTick + 1; ++i) {
        schedule(kNoon + 1h);
        if (i % 500 == 0) log->flush();
    }
    log->flush();
    process.change.take(rules("2027b", -1h));
    EXPECT_EQ(run(process), 2);
    EXPECT_EQ(count<DueTimeReresolved>(), 0U);
}

TEST_F(ZoneChangeTest, GoesOnAfterTheProcessWasKilledInBetween) {
    std::vector<ScheduleId> all;
    {
        Process process{*this, rules("2027a", 0s)};
        run(process);
        for (std::size_t i = 0; i < 2 * kMovesPerZoneTick; ++i) {
            all.push_back(schedule_in_new_york(process));
        }
        process.change.take(rules("2027b", -1h));
        process.change.tick(clock.time);
        log->flush();
    }
    EXPECT_EQ(count<DueTimeReresolved>(), kMovesPerZoneTick);
    Process process{*this, rules("2027b", -1h)};
    run(process);
    EXPECT_EQ(count<DueTimeReresolved>(), all.size());
    EXPECT_EQ(count<ZoneRulesChanged>(), 2U);
    for (const ScheduleId id : all) EXPECT_EQ(row(id).due_at, after_);
}

TEST_F(ZoneChangeTest, IsFoundAtAStart) {
    ScheduleId id;
    {
        Process process{*this, rules("2027a", 0s)};
        run(process);
        id = schedule_in_new_york(process);
    }
    Process process{*this, rules("2027b", -1h)};
    process.change.tick(clock.time);
    EXPECT_EQ(row(id).due_at, after_);
    Process again{*this, rules("2027b", -1h)};
    run(again);
    EXPECT_EQ(count<ZoneRulesChanged>(), 2U);
    EXPECT_EQ(count<DueTimeReresolved>(), 1U);
}

TEST_F(ZoneChangeTest, OfTheSameVersionIsToldByTheDigest) {
    Process process{*this, rules("2027a", 0s)};
    run(process);
    const ScheduleId id = schedule_in_new_york(process);
    process.change.take(rules("2027a", -1h));
    run(process);
    EXPECT_EQ(row(id).due_at, after_);
    EXPECT_EQ(process.zones.version(), "2027a+-3600");
    EXPECT_EQ(state.schedules().tzdb_version(row(id)), "2027a+-3600");
    process.change.take(rules("2027a", 0s));
    run(process);
    EXPECT_EQ(row(id).due_at, before_);
    EXPECT_EQ(process.zones.version(), "2027a");
}

TEST_F(ZoneChangeTest, OfTheSameVersionIsFoundAtAStart) {
    ScheduleId id;
    {
        Process process{*this, rules("2027a", 0s)};
        run(process);
        id = schedule_in_new_york(process);
    }
    Process process{*this, rules("2027a", -1h)};
    run(process);
    EXPECT_EQ(row(id).due_at, after_);
    Process again{*this, rules("2027a", -1h)};
    run(again);
    EXPECT_EQ(count<ZoneRulesChanged>(), 2U);
    EXPECT_EQ(count<DueTimeReresolved>(), 1U);
}

TEST_F(ZoneChangeTest, LetsNothingRunByTheRulesOfBeforeWhileItIsUnderWay) {
    Process process{*this, rules("2027a", 0s)};
    run(process);
    const ScheduleId id = schedule_in_new_york(process);
    for (std::uint32_t i = 0; i < kMovesPerZoneTick + 1; ++i) schedule_in_new_york(process);
    clock.time = before_;
    process.change.take(rules("2027b", -1h));
    process.change.tick(clock.time);
    EXPECT_GT(process.change.left(), 0U);
    while (process.timer.tick(clock.time) <= clock.time) log->flush();
    EXPECT_EQ(count<DeploymentDue>(), 0U);
    EXPECT_EQ(row(id).due_at, after_);
    clock.time = after_;
    while (process.timer.tick(clock.time) <= clock.time) log->flush();
    EXPECT_EQ(count<DeploymentDue>(), kMovesPerZoneTick + 2);
}

TEST_F(ZoneChangeTest, BeginsAnewWhenOtherRulesComeMeanwhile) {
    Process process{*this, rules("2027a", 0s)};
    run(process);
    std::vector<ScheduleId> all;
    for (std::size_t i = 0; i < 2 * kMovesPerZoneTick; ++i) {
        all.push_back(schedule_in_new_york(process));
    }
    process.change.take(rules("2027b", 1h));
    process.change.tick(clock.time);
    process.change.take(rules("2027c", -1h));
    run(process);
    for (const ScheduleId id : all) EXPECT_EQ(row(id).due_at, after_);
}

TEST_F(ZoneChangeTest, KeepsTheRulesUntilTheLogTakesTheChange) {
    Process process{*this, rules("2027a", 0s)};
    run(process);
    const ScheduleId id = schedule_in_new_york(process);
    process.lane.fail(Error{ErrorCode::indeterminate, "the disk is gone"});
    process.change.take(rules("2027b", -1h));
    EXPECT_EQ(process.change.tick(clock.time), clock.time + kIdleWakeMax);
    EXPECT_EQ(process.zones.version(), "2027a");
    EXPECT_EQ(row(id).due_at, before_);
}

}  // namespace
}  // namespace slipway
