#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr InstallationId kHere{{7, 1}};
constexpr InstallationId kThere{{7, 2}};

TEST(ClaimInstallation, OnTheFirstStartIsArmed) {
    Scenario story{kNoon};
    story.when(ClaimInstallation{kHere, "a", ClaimReason::first_start})
        .then({InstallationClaimed{kHere, "a", ClaimReason::first_start}});
    EXPECT_FALSE(story.state().installation().is_held());
    EXPECT_EQ(story.state().installation().id(), kHere);
}

TEST(ClaimInstallation, OfAMovedOrRestoredLogHoldsDispatch) {
    for (const auto& [claim, hold] : {std::pair{ClaimReason::moved, DispatchReason::moved},
                                      std::pair{ClaimReason::restored, DispatchReason::restored}}) {
        Scenario story{kNoon};
        story.given({InstallationClaimed{kHere, "a", ClaimReason::first_start}})
            .when(ClaimInstallation{kThere, "b", claim});
        EXPECT_EQ(story.count<DispatchHeld>(), 1U);
        ASSERT_TRUE(story.state().installation().is_held());
        EXPECT_EQ(story.state().installation().held_reason(), hold);
        EXPECT_EQ(story.state().installation().id(), kThere);
    }
}

TEST(ClaimInstallation, WhileDispatchIsHeldHoldsItNoSecondTime) {
    Scenario{kNoon}
        .dispatch_held()
        .when(ClaimInstallation{kThere, "b", ClaimReason::moved})
        .then({InstallationClaimed{kThere, "b", ClaimReason::moved}});
}

TEST(ClaimInstallation, OfASalvagedLogSaysWhatWasLostThoughDispatchIsHeld) {
    const ClaimInstallation claim{kThere, "b", ClaimReason::salvaged, Position{12}, Position{40}};
    for (const bool held : {false, true}) {
        Scenario story{kNoon};
        if (held) story.dispatch_held();
        story.when(claim);
        ASSERT_TRUE(story.state().installation().is_held());
        EXPECT_EQ(story.state().installation().held_reason(), DispatchReason::restored);
        EXPECT_NE(story.state().installation().note().find("without positions 12 to 40"),
                  std::string::npos);
    }
}

TEST(HoldDispatch, TwiceIsRejected) {
    Scenario{kNoon}
        .when(HoldDispatch{"upgrade"})
        .then({DispatchHeld{DispatchReason::by_operator, "upgrade"}})
        .when(HoldDispatch{"upgrade"})
        .then_rejected(RejectionCode::dispatch_is_held)
        .when(HoldDispatch{})
        .then_rejected(RejectionCode::dispatch_is_held);
}

TEST(HoldDispatch, WithAnotherReasonIsOnRecord) {
    Scenario{kNoon}
        .when(HoldDispatch{})
        .when(HoldDispatch{"drill"})
        .then({DispatchHeld{DispatchReason::by_operator, "drill"}})
        .when(HoldDispatch{"incident"})
        .then({DispatchHeld{DispatchReason::by_operator, "incident"}});
}

TEST(HoldDispatch, OfARestoredServerStaysARestoredOnes) {
    Scenario{kNoon}
        .dispatch_held(DispatchReason::restored)
        .when(HoldDispatch{"look at it first"})
        .then({DispatchHeld{DispatchReason::restored, "look at it first"}});
}

TEST(ArmDispatch, TwiceIsRejected) {
    Scenario{kNoon}
        .dispatch_held()
        .when(ArmDispatch{"done"})
        .then({DispatchArmed{"done"}})
        .when(ArmDispatch{"done"})
        .then_rejected(RejectionCode::dispatch_is_armed)
        .when(ArmDispatch{})
        .then_rejected(RejectionCode::dispatch_is_armed)
        .when(ArmDispatch{"the drill is over"})
        .then({DispatchArmed{"the drill is over"}});
}

TEST(RevokeUserTokens, OfWhatWasIssuedUntilNow) {
    Scenario story{kNoon};
    story.when(RevokeUserTokens{kBob, "left"})
        .then({UserTokensRevoked{kBob, kNoon + Millis{1}, "left"}})
        .after(Millis{60'000})
        .when(RevokeUserTokens{kBob, {}})
        .then({UserTokensRevoked{kBob, kNoon + Millis{60'001}, {}}});
    const Installation& installation = story.state().installation();
    EXPECT_EQ(installation.tokens_revoked_before(kBob), kNoon + Millis{60'001});
    EXPECT_EQ(installation.tokens_revoked_before(kAlice), std::nullopt);
}

TEST(RevokeUserTokens, WithAReasonThatIsTooLongIsRejected) {
    Scenario{kNoon}
        .when(RevokeUserTokens{kBob, std::string(2'001, 'x')})
        .then_rejected_fields({{"/reason", RejectionCode::invalid_field}});
}

}  // namespace
}  // namespace slipway
