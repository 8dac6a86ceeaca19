#include "server/engine/zone_change.h"

#include "server/engine/timer.h"
#include "tests/server/engine/engine_world.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<const Zones> rules(const std::string& version, Seconds eastward) {
    auto zones = std::make_unique<FewZones>();
    zones->change_rules(version, eastward);
    return zones;
}

struct ZoneChangeTest : testing::Test, EngineWorld {
    ZoneChangeTest() : EngineWorld({}, rules("2027a", 0s)) {}

    // At nine tomorrow in New York: 14:00 in UTC.
    ScheduleId schedule_in_new_york() {
        ScheduleDeployment command;
        command.app = kApi;
        command.at = {wall("2027-02-11T09:00"), "America/New_York"};
        const auto submitted = submit(command);
        flush();
        return ScheduleId{stream_of(std::get<Receipt>(submitted).events.front())};
    }
    const ScheduleRow& row(ScheduleId id) const {
        return state().schedules().at(state().schedules().find(id));
    }
    // Until there is nothing more to do at once. Returns how many ticks that took.
    int run() {
        int ticks = 1;
        for (; tick() <= clock.time; ++ticks) flush();
        flush();
        return ticks;
    }

    const Instant before_ = instant("2027-02-11T14:00:00Z");
    const Instant after_ = instant("2027-02-11T15:00:00Z");
};

TEST_F(ZoneChangeTest, SaysWhichRulesAreInForceBeforeAnythingElse) {
    EXPECT_EQ(tick(), clock.time + kIdleWakeMax);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen.back().event,
              Event{(ZoneRulesChanged{"", "2027a", rules("2027a", 0s)->digest()})});
    EXPECT_TRUE(seen.back().envelope.team.is_nil());
    run();
    EXPECT_EQ(seen.size(), 1U);
}

TEST_F(ZoneChangeTest, MovesEveryScheduleOnceInBoundedSteps) {
    run();
    constexpr std::size_t kSchedules = 2 * kMovesPerZoneTick + 1;
    for (std::size_t i = 0; i < kSchedules; ++i) schedule_in_new_york();
    engine->take_zone_rules(rules("2027b", -1h));
    EXPECT_EQ(engine->zones().version(), "2027a");
    EXPECT_EQ(tick(), clock.time);
    EXPECT_EQ(engine->zones().version(), "2027b");
    EXPECT_EQ(count<DueTimeReresolved>(), kMovesPerZoneTick);
    EXPECT_EQ(engine->figures().zone_rules_left, kMovesPerZoneTick + 1);
    run();
    EXPECT_EQ(count<DueTimeReresolved>(), kSchedules);
    EXPECT_EQ(engine->figures().zone_rules_left, 0U);
    run();
    EXPECT_EQ(count<DueTimeReresolved>(), kSchedules);
}

TEST_F(ZoneChangeTest, LooksAtABoundedNumberInAStep) {
    run();
    for (std::uint32_t i = 0; i < kRowsPerZoneTick + 1; ++i) {
        schedule(kNoon + 1h);
        if (i % 500 == 0) flush();
    }
    flush();
    engine->take_zone_rules(rules("2027b", -1h));
    EXPECT_EQ(run(), 2);
    EXPECT_EQ(count<DueTimeReresolved>(), 0U);
}

TEST_F(ZoneChangeTest, GoesOnAfterTheProcessWasKilledInBetween) {
    std::vector<ScheduleId> all;
    {
        run();
        for (std::size_t i = 0; i < 2 * kMovesPerZoneTick; ++i) {
            all.push_back(schedule_in_new_york());
        }
        engine->take_zone_rules(rules("2027b", -1h));
        tick();
        flush();
    }
    EXPECT_EQ(count<DueTimeReresolved>(), kMovesPerZoneTick);
    restart(rules("2027b", -1h));
    run();
    EXPECT_EQ(count<DueTimeReresolved>(), all.size());
    EXPECT_EQ(count<ZoneRulesChanged>(), 2U);
    for (const ScheduleId id : all) EXPECT_EQ(row(id).due_at, after_);
}

TEST_F(ZoneChangeTest, IsFoundAtAStart) {
    ScheduleId id;
    {
        run();
        id = schedule_in_new_york();
    }
    restart(rules("2027b", -1h));
    tick();
    EXPECT_EQ(row(id).due_at, after_);
    flush();
    restart(rules("2027b", -1h));
    run();
    EXPECT_EQ(count<ZoneRulesChanged>(), 2U);
    EXPECT_EQ(count<DueTimeReresolved>(), 1U);
}

TEST_F(ZoneChangeTest, OfTheSameVersionIsToldByTheDigest) {
    run();
    const ScheduleId id = schedule_in_new_york();
    engine->take_zone_rules(rules("2027a", -1h));
    run();
    EXPECT_EQ(row(id).due_at, after_);
    EXPECT_EQ(engine->zones().version(), "2027a+-3600");
    EXPECT_EQ(state().schedules().tzdb_version(row(id)), "2027a+-3600");
    engine->take_zone_rules(rules("2027a", 0s));
    run();
    EXPECT_EQ(row(id).due_at, before_);
    EXPECT_EQ(engine->zones().version(), "2027a");
}

TEST_F(ZoneChangeTest, OfTheSameVersionIsFoundAtAStart) {
    ScheduleId id;
    {
        run();
        id = schedule_in_new_york();
    }
    restart(rules("2027a", -1h));
    run();
    EXPECT_EQ(row(id).due_at, after_);
    restart(rules("2027a", -1h));
    run();
    EXPECT_EQ(count<ZoneRulesChanged>(), 2U);
    EXPECT_EQ(count<DueTimeReresolved>(), 1U);
}

TEST_F(ZoneChangeTest, LetsNothingRunByTheRulesOfBeforeWhileItIsUnderWay) {
    run();
    const ScheduleId id = schedule_in_new_york();
    for (std::uint32_t i = 0; i < kMovesPerZoneTick + 1; ++i) schedule_in_new_york();
    clock.time = before_;
    engine->take_zone_rules(rules("2027b", -1h));
    tick();
    EXPECT_GT(engine->figures().zone_rules_left, 0U);
    while (tick() <= clock.time) flush();
    EXPECT_EQ(count<DeploymentDue>(), 0U);
    EXPECT_EQ(row(id).due_at, after_);
    clock.time = after_;
    while (tick() <= clock.time) flush();
    EXPECT_EQ(count<DeploymentDue>(), kMovesPerZoneTick + 2);
}

TEST_F(ZoneChangeTest, BeginsAnewWhenOtherRulesComeMeanwhile) {
    run();
    std::vector<ScheduleId> all;
    for (std::size_t i = 0; i < 2 * kMovesPerZoneTick; ++i) {
        all.push_back(schedule_in_new_york());
    }
    engine->take_zone_rules(rules("2027b", 1h));
    tick();
    engine->take_zone_rules(rules("2027c", -1h));
    run();
    for (const ScheduleId id : all) EXPECT_EQ(row(id).due_at, after_);
}

TEST_F(ZoneChangeTest, KeepsTheRulesUntilTheLogTakesTheChange) {
    run();
    const ScheduleId id = schedule_in_new_york();
    engine->fail(Error{ErrorCode::indeterminate, "the disk is gone"});
    engine->take_zone_rules(rules("2027b", -1h));
    EXPECT_EQ(tick(), clock.time + kIdleWakeMax);
    EXPECT_EQ(engine->zones().version(), "2027a");
    EXPECT_EQ(row(id).due_at, before_);
}

}  // namespace
}  // namespace slipway
