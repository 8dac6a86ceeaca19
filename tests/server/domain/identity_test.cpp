#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

constexpr auto kSecret = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";

InviteMember invite(std::uint32_t days = 7) {
    return {kOps, "bob@example.org", Role::deployer, days, kSecret};
}
MemberInvited invited(Instant expires_at = kNoon + 24h * 7) {
    return {kOps, made<InvitationId>(1), "bob@example.org", Role::deployer, expires_at, kSecret};
}
TokenIssued issued() {
    return {kOps, made<TokenId>(1), "pipeline", Role::deployer, kNoon + 24h * 365, kSecret};
}

TEST(InviteMember, RecordsWhatTheSecretCanBeKnownBy) {
    Scenario{kNoon}.when(invite()).then({invited()});
}

TEST(InviteMember, WithBadFieldsIsRejectedWithAllOfThem) {
    Scenario{kNoon}
        .when(InviteMember{kOps, "bob@", Role::viewer, 31, kSecret})
        .then_rejected_fields({{"/email", RejectionCode::invalid_field},
                               {"/expires_in_days", RejectionCode::invalid_field}})
        .when(InviteMember{made<TeamId>(9), "", Role::viewer, 7, kSecret})
        .then_rejected(RejectionCode::team_not_found);
}

TEST(AcceptInvitation, MakesAMemberInItsRoleOnce) {
    Scenario{kNoon}
        .given({invited()})
        .when(AcceptInvitation{kSecret, kBob, "Bob"})
        .then({InvitationAccepted{kOps, made<InvitationId>(1), kBob},
               MemberAdded{kOps, kBob, "Bob", Role::deployer}})
        .when(AcceptInvitation{kSecret, kBob, "Bob"})
        .then_rejected(RejectionCode::invitation_not_found);
}

TEST(AcceptInvitation, OfAMemberIsRejectedAndLeavesItOpen) {
    Scenario{kNoon}
        .given({invited()})
        .when(AcceptInvitation{kSecret, kAlice, ""})
        .then_rejected(RejectionCode::already_member)
        .when(AcceptInvitation{kSecret, kBob, ""})
        .then({InvitationAccepted{kOps, made<InvitationId>(1), kBob},
               MemberAdded{kOps, kBob, "", Role::deployer}});
}

TEST(AcceptInvitation, AfterItExpiredIsRejected) {
    Scenario{kNoon}
        .given({invited(kNoon + 1h)})
        .after(1h)
        .when(AcceptInvitation{kSecret, kBob, ""})
        .then_rejected(RejectionCode::invitation_not_found);
}

TEST(RevokeInvitation, EndsIt) {
    Scenario{kNoon}
        .given({invited()})
        .when(RevokeInvitation{kRivals, made<InvitationId>(1)})
        .then_rejected(RejectionCode::invitation_not_found)
        .when(RevokeInvitation{kOps, made<InvitationId>(1)})
        .then({InvitationRevoked{kOps, made<InvitationId>(1)}})
        .when(AcceptInvitation{kSecret, kBob, ""})
        .then_rejected(RejectionCode::invitation_not_found);
}

TEST(IssueToken, RecordsWhatTheSecretCanBeKnownBy) {
    Scenario story{kNoon};
    story.when(IssueToken{kOps, "pipeline", Role::deployer, 365, kSecret}).then({issued()});
    const auto known = story.state().teams().token_of(kSecret);
    ASSERT_TRUE(known);
    EXPECT_EQ(known->team, kOps);
    EXPECT_EQ(known->id, made<TokenId>(1));
}

TEST(IssueToken, WithBadFieldsIsRejectedWithAllOfThem) {
    Scenario{kNoon}
        .when(IssueToken{kOps, "", Role::viewer, 4'000, kSecret})
        .then_rejected_fields({{"/name", RejectionCode::invalid_field},
                               {"/expires_in_days", RejectionCode::invalid_field}});
}

TEST(RevokeToken, EndsIt) {
    Scenario story{kNoon};
    story.given({issued()})
        .when(RevokeToken{kRivals, made<TokenId>(1)})
        .then_rejected(RejectionCode::token_not_found)
        .when(RevokeToken{kOps, made<TokenId>(1)})
        .then({TokenRevoked{kOps, made<TokenId>(1)}})
        .when(RevokeToken{kOps, made<TokenId>(1)})
        .then_rejected(RejectionCode::token_not_found);
    EXPECT_FALSE(story.state().teams().token_of(kSecret));
}

TEST(RecordExport, IsOnRecord) {
    Scenario{kNoon}.when(RecordExport{ExportKind::log}).then({DataExported{ExportKind::log}});
}

}  // namespace
}  // namespace slipway
