#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(CreateTeam, MakesItsCreatorAnOwner) {
    Scenario story{kNoon};
    story.when(CreateTeam{"new", kBob}).then({TeamCreated{made<TeamId>(1), "new", kBob}});
    EXPECT_EQ(story.state().teams().role_of(kBob, made<TeamId>(1)), Role::owner);
    story.when(CreateTeam{"", kBob})
        .then_rejected_fields({{"/name", RejectionCode::invalid_field}});
}

TEST(AddMember, AddsAUserInARole) {
    Scenario story{kNoon};
    story.when(AddMember{kOps, kBob, "Bob", Role::deployer})
        .then({MemberAdded{kOps, kBob, "Bob", Role::deployer}})
        .when(AddMember{kOps, kBob, "Bob", Role::viewer})
        .then_rejected(RejectionCode::already_member)
        .when(AddMember{kOps, {}, "Carol", Role::viewer})
        .then({MemberAdded{kOps, made<UserId>(1), "Carol", Role::viewer}});
    EXPECT_EQ(story.state().teams().role_of(kBob, kOps), Role::deployer);
    EXPECT_EQ(story.state().teams().role_of(kBob, kRivals), std::nullopt);
}

TEST(AddMember, ToAnUnknownTeamIsRejected) {
    Scenario{kNoon}
        .when(AddMember{made<TeamId>(1), kBob, "Bob", Role::viewer})
        .then_rejected(RejectionCode::team_not_found);
}

TEST(ChangeMemberRole, ChangesIt) {
    Scenario{kNoon}
        .given({MemberAdded{kOps, kBob, "Bob", Role::viewer}})
        .when(ChangeMemberRole{kOps, kBob, Role::owner})
        .then({MemberRoleChanged{kOps, kBob, Role::owner}})
        .when(ChangeMemberRole{kOps, kBob, Role::owner})
        .then_nothing()
        .when(ChangeMemberRole{kOps, kAlice, Role::viewer})
        .then({MemberRoleChanged{kOps, kAlice, Role::viewer}});
}

TEST(ChangeMemberRole, OfTheLastOwnerIsRejected) {
    Scenario{kNoon}
        .given({MemberAdded{kOps, kBob, "Bob", Role::deployer}})
        .when(ChangeMemberRole{kOps, kAlice, Role::deployer})
        .then_rejected(RejectionCode::last_owner);
}

TEST(ChangeMemberRole, OfSomebodyElseIsNotFound) {
    Scenario{kNoon}
        .when(ChangeMemberRole{kOps, kBob, Role::viewer})
        .then_rejected(RejectionCode::member_not_found)
        .when(ChangeMemberRole{made<TeamId>(1), kBob, Role::viewer})
        .then_rejected(RejectionCode::team_not_found);
}

TEST(RecordTeamRead, IsOnRecordOnceAnHourForEachAdmin) {
    Scenario story{kNoon};
    story.as(kBob, TeamId{})
        .when(RecordTeamRead{kOps})
        .then({TeamReadByAdmin{kBob, kOps}})
        .after(std::chrono::minutes{59})
        .when(RecordTeamRead{kOps})
        .then_nothing()
        .as(kMallory, TeamId{})
        .when(RecordTeamRead{kOps})
        .then({TeamReadByAdmin{kMallory, kOps}})
        .as(kBob, TeamId{})
        .when(RecordTeamRead{kRivals})
        .then({TeamReadByAdmin{kBob, kRivals}})
        .after(std::chrono::minutes{1})
        .when(RecordTeamRead{kOps})
        .then({TeamReadByAdmin{kBob, kOps}});
    EXPECT_EQ(story.state().teams().find(kOps)->read_by_admin.size(), 2U);
    story.after(std::chrono::hours{48}).when(RecordTeamRead{kOps});
    EXPECT_EQ(story.state().teams().find(kOps)->read_by_admin.size(), 1U) << "older ones are gone";
}

TEST(RecordTeamRead, OfATeamThatIsNotThereIsNotFound) {
    Scenario{kNoon}
        .when(RecordTeamRead{made<TeamId>(1)})
        .then_rejected(RejectionCode::team_not_found);
}

TEST(RemoveMember, RemovesAllButTheLastOwner) {
    Scenario story{kNoon};
    story.given({MemberAdded{kOps, kBob, "Bob", Role::owner}})
        .when(RemoveMember{kOps, kAlice})
        .then({MemberRemoved{kOps, kAlice}})
        .when(RemoveMember{kOps, kAlice})
        .then_rejected(RejectionCode::member_not_found)
        .when(RemoveMember{kOps, kBob})
        .then_rejected(RejectionCode::last_owner);
    EXPECT_TRUE(story.state().teams().teams_of(kAlice).empty());
}

}  // namespace
}  // namespace slipway
