// Which schedules deploy the same app at the same instant.

#include "projections/same_time.h"

#include "projections/state.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

class SameTimes : public testing::Test {
  protected:
    SameTimes() {
        for (const auto& recorded : world()) state.apply(recorded);
    }

    void add(const Event& event) {
        Envelope envelope;
        envelope.stream = stream_of(event);
        envelope.stream_version = state.next_version(event);
        envelope.team = kOps;
        state.apply({Position{state.position().value + 1}, envelope, event});
    }
    void plan(std::uint64_t number, AppId app, Instant at = kNoon) {
        add(scheduled(schedule(number), app, at));
    }
    static ScheduleId schedule(std::uint64_t number) { return {{8, number}}; }

    // The others of each.
    std::vector<std::vector<ScheduleId>> others(const std::vector<std::uint64_t>& numbers) {
        const SameTime same_time{state.schedules()};
        std::vector<std::vector<ScheduleId>> found;
        for (const auto number : numbers) {
            const RowIndex row = state.schedules().find(schedule(number));
            same_time.add_others(state.schedules(), state.schedules().at(row),
                                 found.emplace_back());
        }
        return found;
    }

    State state;
};

using Ids = std::vector<ScheduleId>;

TEST_F(SameTimes, AreOfTheSameAppAndInstantHoweverOftenOneAsks) {
    plan(1, kApi);
    plan(2, kDb);
    plan(3, kApi);
    plan(4, kApi, kNoon + Millis{1});
    const std::vector<Ids> wanted{{schedule(3)}, {}, {schedule(1)}, {}, {schedule(3)}};
    EXPECT_EQ(others({1, 2, 3, 4, 1}), wanted);
}

TEST_F(SameTimes, AreNoneOfWhatHasEnded) {
    plan(1, kApi);
    plan(2, kApi);
    add(DeploymentCancelled{schedule(2), CancelReason::by_user, {}, schedule(2)});
    const std::vector<Ids> wanted{{}, {}};
    EXPECT_EQ(others({1, 2}), wanted);
}

TEST_F(SameTimes, AreAFewWhereThereAreMany) {
    for (std::uint64_t i = 1; i <= kSameTimeMax + 5; ++i) plan(i, kApi);
    const auto found = others({1, 2});
    EXPECT_EQ(found[0].size(), kSameTimeMax);
    EXPECT_EQ(found[1].size(), kSameTimeMax);
}

TEST_F(SameTimes, AreFoundBehindAllOthersOfTheInstant) {
    for (std::uint64_t i = 100; i < 3'000; ++i) plan(i, kUi);
    plan(10'000, kDb);
    plan(10'001, kDb);
    const std::vector<Ids> wanted{{schedule(10'001)}, {schedule(10'000)}};
    EXPECT_EQ(others({10'000, 10'001}), wanted);
}

TEST_F(SameTimes, AreThoseUnderWayToo) {
    plan(1, kApi);
    plan(2, kApi);
    add(due(schedule(2), kNoon, kNoon));
    const std::vector<Ids> wanted{{schedule(2)}, {schedule(1)}};
    EXPECT_EQ(others({1, 2}), wanted);
}

}  // namespace
}  // namespace slipway
