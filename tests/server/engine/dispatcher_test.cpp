#include "server/engine/dispatcher.h"

#include "tests/server/engine/engine_world.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

// Keeps what is to be sent until the test says how it ended.
class HeldTargets {
  public:
    explicit HeldTargets(std::unique_ptr<Engine>& engine) : engine_(engine) {}

    std::vector<OutgoingRequest>& started() { return take(), started_; }
    std::vector<Position>& given_up() { return take(), given_up_; }

    void end(std::size_t index, int http_status, std::optional<Seconds> retry_after = {}) {
        const OutgoingRequest& request = started().at(index);
        engine_->record(request.deployment, request.token,
                        Answer{HttpResponse{http_status, {}, {}}, retry_after, {}});
    }

  private:
    void take() {
        Requests requests = engine_->take_requests();
        std::move(requests.to_send.begin(), requests.to_send.end(), std::back_inserter(started_));
        given_up_.insert(given_up_.end(), requests.to_give_up.begin(), requests.to_give_up.end());
    }

    std::unique_ptr<Engine>& engine_;
    std::vector<OutgoingRequest> started_;
    std::vector<Position> given_up_;
};

struct DispatcherTest : testing::Test, EngineWorld {
    // Lets everything happen that can without an answer of a target.
    void settle() {
        for (int i = 0; i < 4; ++i) {
            flush();
            tick();
        }
    }
    // Stores a credential, which api names from now on.
    CredentialId name_credential(const std::string& name) {
        StoreCredential wanted{kOps, name, CredentialKind::bearer, {}, {}, {}, {}};
        wanted.origin = state().apps().find(kApi)->definition().target.url;
        wanted.origin.resize(wanted.origin.find('/', 8));
        const auto stored = submit(wanted);
        const auto& receipt = std::get<Receipt>(stored);
        AppDefinition definition = state().apps().find(kApi)->definition();
        definition.target.credential =
            std::get<CredentialStored>(receipt.events.front()).credential;
        submit(ReviseApp{kApi, definition});
        return *definition.target.credential;
    }
    void restart_and_recover() {
        restart();
        engine->recover();
    }

    DispatcherTest()
        : EngineWorld({{}, {.attempts = 16, .per_team = 3, .per_app = 2}, {}, kRowsPerZoneTick}) {}

    HeldTargets targets{engine};
};

TEST_F(DispatcherTest, SendsNothingBeforeItsIntentIsDurable) {
    deploy();
    tick();
    EXPECT_EQ(count<AttemptStarted>(), 0U) << "the decision is not durable";
    flush();
    tick();
    EXPECT_EQ(count<AttemptStarted>(), 1U);
    EXPECT_TRUE(targets.started().empty()) << "the attempt is not durable";
    flush();
    ASSERT_EQ(targets.started().size(), 1U);
    EXPECT_EQ(targets.started()[0].token, log().durable());
}

TEST_F(DispatcherTest, RecordsHowAnAttemptEnded) {
    deploy();
    settle();
    targets.end(0, 200);
    EXPECT_EQ(count<DeploymentSucceeded>(), 1U);
    EXPECT_EQ(engine->figures().attempts_under_way, 0U);
}

TEST_F(DispatcherTest, ShowsTheTargetItsCredential) {
    name_credential("hook");
    deploy();
    settle();
    ASSERT_EQ(targets.started().size(), 1U);
    ASSERT_TRUE(targets.started()[0].keys.authorization);
    EXPECT_EQ(targets.started()[0].keys.authorization->value, "Bearer hook");
}

TEST_F(DispatcherTest, HasNothingToShowWhereTheTargetNamesNothing) {
    deploy();
    settle();
    EXPECT_FALSE(targets.started().at(0).keys.authorization);
}

TEST_F(DispatcherTest, SendsNothingWithoutWhatTheTargetIsToBeShown) {
    const CredentialId lost = name_credential("lost");
    const DeploymentId id = deploy();
    settle();
    EXPECT_TRUE(targets.started().empty());
    EXPECT_EQ(count<DeploymentFailed>(), 1U);
    const Attempt& attempt = state().deployments().find(id)->attempts.back();
    EXPECT_EQ(attempt.cause, AttemptCause::credential_missing);
    EXPECT_EQ(attempt.detail, "the key of " + lost.text() + " is lost");
}

TEST_F(DispatcherTest, TriesAgainWhatTheTargetCouldNotBeShownThisTime) {
    name_credential("sick");
    const DeploymentId id = deploy();
    settle();
    EXPECT_TRUE(targets.started().empty());
    EXPECT_EQ(count<DeploymentFailed>(), 0U);
    EXPECT_TRUE(state().deployments().find(id)->ready_at);
}

TEST_F(DispatcherTest, ShowsNothingOfACredentialThatWasDeletedWhileItWaited) {
    const CredentialId hook = name_credential("hook");
    for (int i = 0; i < 3; ++i) deploy();
    settle();
    ASSERT_EQ(targets.started().size(), 2U);
    submit(ShredCredential{kOps, hook, true});
    targets.end(0, 200);
    settle();
    EXPECT_EQ(targets.started().size(), 2U);
    EXPECT_EQ(count<DeploymentFailed>(), 1U);
}

// The unit that ends an attempt makes others due: each is observed, then what follows is submitted.
TEST_F(DispatcherTest, SubmitsNothingWhileEventsAreObserved) {
    const CredentialId hook = name_credential("hook");
    std::vector<DeploymentId> made;
    for (int i = 0; i < 4; ++i) made.push_back(deploy());
    settle();
    ASSERT_EQ(targets.started().size(), 2U);
    submit(ShredCredential{kOps, hook, true});
    engine->observe([this](const RecordedEvent& one) {
        if (!std::holds_alternative<DeploymentAborted>(one.event)) return;
        EXPECT_EQ(count<DeploymentFailed>(), 0U) << "of those that wait and have no credential";
    });
    submit(AbortDeployment{made[0], "no"});
    settle();
    EXPECT_EQ(count<DeploymentFailed>(), 2U);
    EXPECT_EQ(engine->figures().attempts_under_way, 1U);
}

TEST_F(DispatcherTest, TriesAgainWhenTheTimeForThatHasCome) {
    deploy();
    settle();
    targets.end(0, 500);
    settle();
    EXPECT_EQ(targets.started().size(), 1U);
    clock.time += 11min;
    settle();
    ASSERT_EQ(targets.started().size(), 2U);
    const DeploymentId id = targets.started()[1].deployment;
    EXPECT_EQ(id, targets.started()[0].deployment);
    EXPECT_EQ(state().deployments().find(id)->attempts.back().number, 2U);
    EXPECT_GT(targets.started()[1].token, targets.started()[0].token);
}

TEST_F(DispatcherTest, WaitsAsLongAsTheTargetAsksThoughTheWallClockIsSet) {
    for (const Millis by : {Millis{-2h}, Millis{0}, Millis{2h}}) {
        targets.started().clear();
        clock.set_by = Millis{0};
        deploy();
        settle();
        ASSERT_EQ(targets.started().size(), 1U);
        targets.end(0, 500, 60s);
        flush();
        clock.time += 1s;
        clock.set_by = by;
        clock.time += 58s + 400ms;
        settle();
        EXPECT_EQ(targets.started().size(), 1U) << by.count();
        EXPECT_EQ(tick(), clock.now() + 600ms);
        clock.time += 600ms;
        settle();
        ASSERT_EQ(targets.started().size(), 2U) << by.count();
        targets.end(1, 200);
        settle();
    }
}

TEST_F(DispatcherTest, WaitsNoLongerThanThePauseThoughItRestartsWithAClockThatWasSetBack) {
    deploy();
    settle();
    targets.end(0, 500, 60s);
    flush();
    clock.set_by = -2h;
    restart_and_recover();
    clock.time += 60s;
    settle();
    EXPECT_EQ(targets.started().size(), 2U);
}

TEST_F(DispatcherTest, KeepsToItsLimitsAndGoesOnAsAttemptsEnd) {
    for (int i = 0; i < 3; ++i) deploy();
    settle();
    EXPECT_EQ(targets.started().size(), 2U);
    targets.end(1, 200);
    settle();
    EXPECT_EQ(targets.started().size(), 3U);
    EXPECT_EQ(engine->figures().attempts_under_way, 2U);
}

TEST_F(DispatcherTest, StartsNothingWhileDispatchIsHeld) {
    deploy();
    flush();
    submit_as_admin(HoldDispatch{"stop"});
    settle();
    EXPECT_TRUE(targets.started().empty());
    submit_as_admin(ArmDispatch{"go"});
    settle();
    EXPECT_EQ(targets.started().size(), 1U);
}

TEST_F(DispatcherTest, SendsNothingThatHasNotLeftOnceDispatchIsHeld) {
    deploy();
    settle();
    deploy();
    flush();
    tick();
    ASSERT_EQ(count<AttemptStarted>(), 2U) << "the second intent is not durable yet";
    submit_as_admin(HoldDispatch{"stop"});
    settle();
    EXPECT_EQ(targets.started().size(), 1U);
    submit_as_admin(ArmDispatch{"go"});
    tick();
    EXPECT_EQ(targets.started().size(), 1U) << "that it is armed is not durable";
    settle();
    EXPECT_EQ(targets.started().size(), 2U);
    EXPECT_EQ(count<AttemptStarted>(), 2U);
}

TEST_F(DispatcherTest, LeavesWhatIsWithheldToTheNextStart) {
    deploy();
    flush();
    tick();
    submit_as_admin(HoldDispatch{"stop"});
    flush();
    EXPECT_EQ(engine->figures().attempts_under_way, 1U);
    EXPECT_TRUE(targets.started().empty());
    bool drained = false;
    engine->hold([&] { drained = true; });
    EXPECT_TRUE(drained);
}

TEST_F(DispatcherTest, GoesOnWithWhatWaitsThoughTheFirstOfItEnded) {
    std::vector<DeploymentId> made;
    for (int i = 0; i < 6; ++i) made.push_back(deploy());
    settle();
    ASSERT_EQ(targets.started().size(), 2U);
    for (std::size_t i = 2; i < 5; ++i) submit(AbortDeployment{made[i], "no"});
    targets.end(0, 200);
    settle();
    ASSERT_EQ(targets.started().size(), 3U);
    EXPECT_EQ(targets.started()[2].deployment, made[5]);
}

TEST_F(DispatcherTest, SaysForWhatADeploymentWaits) {
    std::vector<DeploymentId> made;
    for (int i = 0; i < 3; ++i) made.push_back(deploy());
    settle();
    const auto waits_for = [&](DeploymentId id) {
        return engine->waits_for(state().schedules().find(schedule_of(id)));
    };
    EXPECT_EQ(waits_for(made[0]), "");
    EXPECT_EQ(waits_for(made[2]), "app_limit");
    targets.end(0, 500, 60s);
    flush();
    EXPECT_EQ(waits_for(made[0]), "retry");
    submit_as_admin(HoldDispatch{"stop"});
    EXPECT_EQ(waits_for(made[2]), "dispatch");
}

TEST_F(DispatcherTest, SaysThatADeploymentWaitsForItsRetryThoughItsAppIsAtItsLimit) {
    std::vector<DeploymentId> made;
    for (int i = 0; i < 4; ++i) made.push_back(deploy());
    settle();
    const auto waits_for = [&](DeploymentId id) {
        return engine->waits_for(state().schedules().find(schedule_of(id)));
    };
    targets.end(0, 500, 60s);
    settle();
    ASSERT_EQ(targets.started().size(), 3U);
    EXPECT_EQ(waits_for(made[3]), "app_limit");
    EXPECT_EQ(waits_for(made[0]), "retry");
    clock.time += 61s;
    settle();
    EXPECT_EQ(waits_for(made[0]), "app_limit");
}

TEST_F(DispatcherTest, TellsHowLongAfterItWasDueADeploymentWasFirstSent) {
    std::vector<Millis> lags;
    engine->on_first_sent([&](Millis lag) { lags.push_back(lag); });
    for (int i = 0; i < 3; ++i) deploy();
    settle();
    clock.time += 5s;
    targets.end(0, 500, 60s);
    settle();
    clock.time += 60s;
    settle();
    EXPECT_EQ(lags, (std::vector<Millis>{0s, 0s, 5s})) << "a retry is not counted";
}

TEST_F(DispatcherTest, LeavesRoomForOtherTeams) {
    const AppId apps[] = {kApi, kDb};
    for (int i = 0; i < 8; ++i) {
        RequestDeployment command;
        command.app = apps[i % 2];
        submit(command);
    }
    settle();
    EXPECT_EQ(engine->figures().attempts_under_way, 3U);
    targets.end(0, 200);
    settle();
    EXPECT_EQ(engine->figures().attempts_under_way, 3U);
    for (std::size_t i = 1; i < 8; ++i) {
        targets.end(i, 200);
        settle();
    }
    EXPECT_EQ(count<DeploymentSucceeded>(), 8U);
    EXPECT_EQ(engine->figures().attempts_under_way, 0U);
}

TEST_F(DispatcherTest, SendsNothingThatWasToldToHaveEnded) {
    const DeploymentId id = deploy();
    settle();
    targets.end(0, 500);
    clock.time += 11min;
    settle();
    ASSERT_EQ(targets.started().size(), 2U);
    submit(CompleteDeployment{id, true, "the first one did it"});
    EXPECT_EQ(count<DeploymentSucceeded>(), 1U);
    EXPECT_EQ(targets.given_up(), std::vector{targets.started()[1].token});
    EXPECT_EQ(engine->figures().attempts_under_way, 0U);
}

TEST_F(DispatcherTest, GivesUpWhatIsAborted) {
    const DeploymentId id = deploy();
    settle();
    const Position token = targets.started().at(0).token;
    ASSERT_TRUE(std::holds_alternative<Receipt>(submit(AbortDeployment{id, "no"})));
    EXPECT_EQ(targets.given_up(), std::vector{token});
    targets.end(0, 200);  // too late
    EXPECT_EQ(count<DeploymentSucceeded>(), 0U);
    EXPECT_EQ(engine->figures().attempts_under_way, 0U);
}

TEST_F(DispatcherTest, SendsAgainAfterARestartWhatNobodyKnowsTheEndOf) {
    deploy();
    settle();
    const OutgoingRequest before = targets.started().at(0);
    targets.started().clear();
    restart_and_recover();
    settle();
    EXPECT_EQ(count<OutcomeUnknown>(), 1U);
    EXPECT_EQ(count<OutcomeReconciled>(), 1U);
    ASSERT_EQ(targets.started().size(), 1U);
    EXPECT_EQ(targets.started()[0].deployment, before.deployment) << "the webhook-id is made of it";
    EXPECT_GT(targets.started()[0].token, before.token);
    EXPECT_EQ(count<DeploymentDue>(), 1U);
}

TEST_F(DispatcherTest, TakesUpAfterARestartWhatWasDueAndNotBegun) {
    deploy();
    flush();
    restart_and_recover();
    settle();
    EXPECT_EQ(targets.started().size(), 1U);
    EXPECT_EQ(count<OutcomeUnknown>(), 0U);
}

TEST_F(DispatcherTest, StopsOnceWhatIsUnderWayHasEnded) {
    for (int i = 0; i < 3; ++i) deploy();
    settle();
    bool drained = false;
    engine->hold([&] { drained = true; });
    targets.end(0, 200);
    settle();
    EXPECT_FALSE(drained);
    targets.end(1, 200);
    EXPECT_TRUE(drained);
    EXPECT_EQ(targets.started().size(), 2U) << "nothing new is begun";
}

}  // namespace
}  // namespace slipway
