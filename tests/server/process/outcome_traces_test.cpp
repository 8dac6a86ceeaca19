#include "server/process/outcome_traces.h"

#include "server/engine/timer.h"
#include "tests/server/engine/engine_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct OutcomeTracesTest : testing::Test, EngineWorld {
    OutcomeTracesTest() {
        engine->observe([this](const RecordedEvent& one) { traces.observe(one); });
    }
    void tick_at(Instant now) {
        clock.time = now;
        engine->tick(now);
        traces.tick(now);
    }

    std::vector<std::string> lines;
    OutcomeTraces traces{state(), [this](const std::string& line) { lines.push_back(line); }};
};

TEST_F(OutcomeTracesTest, NameWhatIsHeldForLongAfterItsTimeOnce) {
    const ScheduleId id = schedule(kNoon + 60s);
    ASSERT_TRUE(std::holds_alternative<Receipt>(submit(HoldDeployment{id, "freeze"})));
    tick_at(kNoon + 60s + 14min + 59s);
    EXPECT_THAT(lines, IsEmpty());
    tick_at(kNoon + 60s + 16min);
    EXPECT_THAT(lines, ElementsAre(testing::AllOf(HasSubstr(id.text()), HasSubstr("is held"),
                                                  HasSubstr("freeze"))));
    tick_at(kNoon + 5h);
    EXPECT_EQ(lines.size(), 1U);
}

TEST_F(OutcomeTracesTest, NameAtOnceWhatIsHeldWhenItIsLongLate) {
    tick_at(kNoon);
    const ScheduleId id = schedule(kNoon + 60s);
    traces.tick(kNoon + 3h);
    tick_at(kNoon + 3h);
    EXPECT_THAT(lines, ElementsAre(HasSubstr(id.text())));
}

TEST_F(OutcomeTracesTest, NameWhatWasHeldBeforeAStart) {
    const ScheduleId id = schedule(kNoon + 60s);
    ASSERT_TRUE(std::holds_alternative<Receipt>(submit(HoldDeployment{id, {}})));
    std::vector<std::string> after_start;
    OutcomeTraces later{state(), [&](const std::string& line) { after_start.push_back(line); }};
    later.tick(kNoon + 3h);
    EXPECT_THAT(after_start, ElementsAre(HasSubstr(id.text())));
}

TEST_F(OutcomeTracesTest, NameAHundredOfTheHeldAndCountTheRest) {
    for (int i = 0; i < 130; ++i) {
        const ScheduleId id = schedule(kNoon + 60s);
        ASSERT_TRUE(std::holds_alternative<Receipt>(submit(HoldDeployment{id, {}})));
    }
    tick_at(kNoon + 3h);
    ASSERT_EQ(lines.size(), 101U);
    EXPECT_EQ(lines.back(), "30 more schedules are held past their time");
}

TEST_F(OutcomeTracesTest, SumUpWhatIsMoreThanSoManyLinesASecond) {
    constexpr std::size_t kMost = OutcomeTraces::kLinesPerSecondMax;
    tick_at(kNoon);
    RecordedEvent missed;
    missed.event = DeploymentMissed{schedule(kNoon + 60s)};
    const auto happens = [&](std::size_t times) {
        missed.envelope.recorded_at = clock.now();
        for (std::size_t i = 0; i < times; ++i) traces.observe(missed);
    };
    happens(1'000);
    EXPECT_EQ(lines.size(), kMost);
    clock.time += 1s;
    happens(3);
    EXPECT_EQ(lines.size(), kMost + 3);
    traces.tick(clock.now());
    EXPECT_EQ(lines.size(), kMost + 3);
    clock.time += 60s;
    traces.tick(clock.now());
    ASSERT_EQ(lines.size(), kMost + 4);
    EXPECT_THAT(lines.back(), testing::StartsWith(std::to_string(1'000 - kMost) + " more"));
    clock.time += 60s;
    traces.tick(clock.now());
    EXPECT_EQ(lines.size(), kMost + 4);
}

TEST_F(OutcomeTracesTest, AreSilentAboutWhatWentWell) {
    const ScheduleId id = schedule(kNoon + 60s);
    ASSERT_TRUE(std::holds_alternative<Receipt>(submit(CancelDeployment{id, {}})));
    tick_at(kNoon + 3h);
    EXPECT_THAT(lines, IsEmpty());
}

}  // namespace
}  // namespace slipway
