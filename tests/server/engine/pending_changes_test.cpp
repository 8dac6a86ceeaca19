#include "server/engine/pending_changes.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Part = PendingChanges::Part;

constexpr Uuid kApp{1, 1};
constexpr Uuid kSchedule{1, 2};
constexpr TeamId kTeam{Uuid{2, 1}};
constexpr TeamId kOther{Uuid{2, 2}};

TEST(PendingChangesTest, KnowsTheLastPendingChangeOfAnObjectAndOfEachPartOfATeam) {
    PendingChanges pending;
    pending.add(Position{5}, kTeam, kApp, Part::apps);
    pending.add(Position{6}, kTeam, kSchedule, Part::schedules);
    pending.add(Position{7}, kTeam, kApp, Part::apps);
    EXPECT_EQ(pending.of_stream(kApp), Position{7});
    EXPECT_EQ(pending.of_stream(kSchedule), Position{6});
    EXPECT_EQ(pending.of_team(kTeam, Part::apps), Position{7});
    EXPECT_EQ(pending.of_team(kTeam, Part::schedules), Position{6});
    EXPECT_EQ(pending.of_team(kTeam, Part::team), Position{});
    EXPECT_EQ(pending.of_team(kTeam), Position{7});
}

TEST(PendingChangesTest, SaysNothingOfAnotherTeamOrObject) {
    PendingChanges pending;
    pending.add(Position{5}, kTeam, kApp, Part::apps);
    EXPECT_EQ(pending.of_stream(kSchedule), Position{});
    EXPECT_EQ(pending.of_team(kOther), Position{});
    EXPECT_EQ(pending.of_team(kOther, Part::apps), Position{});
}

TEST(PendingChangesTest, KnowsTheLastPendingChangeOfAPartOfAnyTeam) {
    PendingChanges pending;
    pending.add(Position{5}, kTeam, kTeam.uuid, Part::team);
    pending.add(Position{6}, kOther, kOther.uuid, Part::team);
    pending.add(Position{7}, kTeam, kApp, Part::apps);
    EXPECT_EQ(pending.of_any_team(Part::team), Position{6});
    EXPECT_EQ(pending.of_any_team(Part::schedules), Position{});
    pending.durable_up_to(Position{6});
    EXPECT_EQ(pending.of_any_team(Part::team), Position{});
    EXPECT_EQ(pending.of_any_team(Part::apps), Position{7});
}

TEST(PendingChangesTest, ForgetsWhatIsDurableAndKeepsWhatCameLater) {
    PendingChanges pending;
    pending.add(Position{5}, kTeam, kApp, Part::apps);
    pending.add(Position{6}, kTeam, kSchedule, Part::schedules);
    pending.add(Position{7}, kTeam, kApp, Part::apps);
    pending.durable_up_to(Position{6});
    EXPECT_EQ(pending.of_stream(kApp), Position{7});
    EXPECT_EQ(pending.of_stream(kSchedule), Position{});
    EXPECT_EQ(pending.of_team(kTeam, Part::schedules), Position{});
    EXPECT_EQ(pending.of_team(kTeam), Position{7});
    pending.durable_up_to(Position{7});
    EXPECT_EQ(pending.of_stream(kApp), Position{});
    EXPECT_EQ(pending.of_team(kTeam), Position{});
}

}  // namespace
}  // namespace slipway
