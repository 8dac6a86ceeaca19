#include "server/runtime/dispatcher.h"

#include "tests/server/runtime/runtime_world.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using Kind = AttemptResult::Kind;

// Keeps what it is given until the test says how it ended.
class HeldExecutor : public Executor {
  public:
    void start(AttemptRequest request, Done done) override {
        started.push_back(std::move(request));
        dones.push_back(std::move(done));
    }
    void cancel(Position token) override { cancelled.push_back(token); }
    std::vector<Position> take_back() override { return std::exchange(waiting, {}); }

    void end(std::size_t index, Kind kind) {
        AttemptResult result;
        result.kind = kind;
        result.sent = true;
        result.http_status = kind == Kind::succeeded ? 200 : 500;
        dones.at(index)(std::move(result));
    }

    std::vector<AttemptRequest> started;
    std::vector<Done> dones;
    std::vector<Position> cancelled;
    std::vector<Position> waiting;  // of what was started, what has not left
};

class FewSecrets : public TargetSecrets {
  public:
    std::vector<std::string> signing_secrets(const App&, Instant) const override { return {"key"}; }
    std::string callback_token(DeploymentId id) const override { return "for " + id.text(); }
    Result<Authorization> authorization(const Credential& credential) const override {
        if (credential.name == "lost") return Error{ErrorCode::not_found, "secrets: it is gone"};
        return Authorization{"Authorization", "Bearer " + credential.name, credential.name};
    }
};

struct DispatcherTest : testing::Test, RuntimeWorld {
    // Lets everything happen that can without an answer of a target.
    void settle() {
        for (int i = 0; i < 4; ++i) {
            log->flush();
            dispatcher->tick(clock.time);
        }
    }
    // Stores a credential, which api names from now on.
    CredentialId name_credential(const std::string& name) {
        StoreCredential wanted{kOps, name, CredentialKind::bearer, {}, {}, {}, {}};
        wanted.origin = state.apps().find(kApi)->definition().target.url;
        wanted.origin.resize(wanted.origin.find('/', 8));
        const auto stored = submit(wanted);
        const auto& receipt = std::get<Receipt>(stored);
        AppDefinition definition = state.apps().find(kApi)->definition();
        definition.target.credential =
            std::get<CredentialStored>(receipt.events.front()).credential;
        submit(ReviseApp{kApi, definition});
        return *definition.target.credential;
    }
    // The one before is never called again; the lane still tells it what happens.
    void restart() {
        retired = std::move(dispatcher);
        dispatcher = std::make_unique<Dispatcher>(lane, executor, secrets, options);
        dispatcher->recover();
    }

    HeldExecutor executor;
    FewSecrets secrets;
    std::unique_ptr<Dispatcher> retired;
    Dispatcher::Options options{
        .attempts_max = 4, .attempts_per_team_max = 3, .attempts_per_app_max = 2};
    std::unique_ptr<Dispatcher> dispatcher =
        std::make_unique<Dispatcher>(lane, executor, secrets, options);
};

TEST_F(DispatcherTest, SendsNothingBeforeItsIntentIsDurable) {
    deploy();
    dispatcher->tick(clock.time);
    EXPECT_EQ(count<AttemptStarted>(), 0U) << "the decision is not durable";
    log->flush();
    dispatcher->tick(clock.time);
    EXPECT_EQ(count<AttemptStarted>(), 1U);
    EXPECT_TRUE(executor.started.empty()) << "the attempt is not durable";
    log->flush();
    ASSERT_EQ(executor.started.size(), 1U);
    EXPECT_EQ(executor.started[0].token, log->durable());
}

TEST_F(DispatcherTest, RecordsHowAnAttemptEnded) {
    deploy();
    settle();
    executor.end(0, Kind::succeeded);
    EXPECT_EQ(count<DeploymentSucceeded>(), 1U);
    EXPECT_EQ(dispatcher->under_way(), 0U);
}

TEST_F(DispatcherTest, ShowsTheTargetItsCredential) {
    name_credential("hook");
    deploy();
    settle();
    ASSERT_EQ(executor.started.size(), 1U);
    const auto shown = executor.started[0].authorize();
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(shown->value, "Bearer hook");
}

TEST_F(DispatcherTest, HasNothingToShowWhereTheTargetNamesNothing) {
    deploy();
    settle();
    EXPECT_FALSE(executor.started.at(0).authorize);
}

TEST_F(DispatcherTest, SaysForWhatReasonACredentialCannotBeShown) {
    const CredentialId lost = name_credential("lost");
    deploy();
    settle();
    const auto shown = executor.started.at(0).authorize();
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().code, ErrorCode::not_found);
    EXPECT_EQ(shown.error().message, "the key of " + lost.text() + " is lost");
}

TEST_F(DispatcherTest, ShowsNothingOfACredentialThatWasDeletedWhileItWaited) {
    const CredentialId hook = name_credential("hook");
    deploy();
    settle();
    submit(ShredCredential{kOps, hook, true});
    const auto shown = executor.started.at(0).authorize();
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().message, hook.text() + " was deleted");
}

TEST_F(DispatcherTest, TriesAgainWhenTheTimeForThatHasCome) {
    deploy();
    settle();
    executor.end(0, Kind::retryable);
    settle();
    EXPECT_EQ(executor.started.size(), 1U);
    clock.time += 11min;
    settle();
    ASSERT_EQ(executor.started.size(), 2U);
    EXPECT_EQ(executor.started[1].number, 2U);
    EXPECT_EQ(executor.started[1].schedule, executor.started[0].schedule);
    EXPECT_GT(executor.started[1].token, executor.started[0].token);
}

TEST_F(DispatcherTest, KeepsToItsLimitsAndGoesOnAsAttemptsEnd) {
    for (int i = 0; i < 3; ++i) deploy();
    settle();
    EXPECT_EQ(executor.started.size(), 2U);
    executor.end(1, Kind::succeeded);
    settle();
    EXPECT_EQ(executor.started.size(), 3U);
    EXPECT_EQ(dispatcher->under_way(), 2U);
}

TEST_F(DispatcherTest, StartsNothingWhileDispatchIsHeld) {
    deploy();
    log->flush();
    lane.submit(HoldDispatch{"stop"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    settle();
    EXPECT_TRUE(executor.started.empty());
    lane.submit(ArmDispatch{"go"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    settle();
    EXPECT_EQ(executor.started.size(), 1U);
}

TEST_F(DispatcherTest, SendsNothingThatHasNotLeftOnceDispatchIsHeld) {
    deploy();
    settle();
    deploy();
    log->flush();
    dispatcher->tick(clock.time);
    ASSERT_EQ(count<AttemptStarted>(), 2U) << "the second intent is not durable yet";
    executor.waiting = {executor.started.at(0).token};
    lane.submit(HoldDispatch{"stop"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    settle();
    EXPECT_EQ(executor.started.size(), 1U);
    lane.submit(ArmDispatch{"go"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    dispatcher->tick(clock.time);
    EXPECT_EQ(executor.started.size(), 1U) << "that it is armed is not durable";
    settle();
    ASSERT_EQ(executor.started.size(), 3U);
    EXPECT_EQ(executor.started[1].token, executor.started[0].token);
    EXPECT_EQ(count<AttemptStarted>(), 2U);
}

TEST_F(DispatcherTest, LeavesWhatIsWithheldToTheNextStart) {
    deploy();
    settle();
    executor.waiting = {executor.started.at(0).token};
    lane.submit(HoldDispatch{"stop"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    bool drained = false;
    dispatcher->stop([&] { drained = true; });
    EXPECT_TRUE(drained);
}

TEST_F(DispatcherTest, GoesOnWithWhatIsParkedThoughTheFirstOfItEnded) {
    std::vector<DeploymentId> made;
    for (int i = 0; i < 6; ++i) made.push_back(deploy());
    settle();
    ASSERT_EQ(executor.started.size(), 2U);
    for (std::size_t i = 2; i < 5; ++i) submit(AbortDeployment{made[i], "no"});
    executor.end(0, Kind::succeeded);
    settle();
    ASSERT_EQ(executor.started.size(), 3U);
    EXPECT_EQ(executor.started[2].schedule, schedule_of(made[5]));
}

TEST_F(DispatcherTest, WaitsForTheTimeAgainIfTheClockWasSetBack) {
    deploy();
    settle();
    executor.end(0, Kind::retryable);
    log->flush();
    const Instant ready = dispatcher->tick(clock.time);
    ASSERT_GT(ready, clock.time);
    const Instant again = dispatcher->tick(ready);  // the lane's clock was set back meanwhile
    EXPECT_GT(again, ready);
    EXPECT_EQ(executor.started.size(), 1U);
    clock.time = again;
    settle();
    EXPECT_EQ(executor.started.size(), 2U);
}

TEST_F(DispatcherTest, LeavesRoomForOtherTeams) {
    const AppId apps[] = {kApi, kDb};
    for (int i = 0; i < 8; ++i) {
        RequestDeployment command;
        command.app = apps[i % 2];
        submit(command);
    }
    settle();
    EXPECT_EQ(dispatcher->under_way(), 3U);
    executor.end(0, Kind::succeeded);
    settle();
    EXPECT_EQ(dispatcher->under_way(), 3U);
    for (std::size_t i = 1; i < 8; ++i) {
        executor.end(i, Kind::succeeded);
        settle();
    }
    EXPECT_EQ(count<DeploymentSucceeded>(), 8U);
    EXPECT_EQ(dispatcher->under_way(), 0U);
}

TEST_F(DispatcherTest, SendsNothingThatWasToldToHaveEnded) {
    const DeploymentId id = deploy();
    settle();
    executor.end(0, Kind::retryable);
    clock.time += 11min;
    settle();
    ASSERT_EQ(executor.started.size(), 2U);
    submit(CompleteDeployment{id, true, "the first one did it"});
    EXPECT_EQ(count<DeploymentSucceeded>(), 1U);
    EXPECT_EQ(executor.cancelled, std::vector{executor.started[1].token});
    EXPECT_EQ(dispatcher->under_way(), 0U);
}

TEST_F(DispatcherTest, GivesUpWhatIsAborted) {
    const DeploymentId id = deploy();
    settle();
    const Position token = executor.started.at(0).token;
    ASSERT_TRUE(std::holds_alternative<Receipt>(submit(AbortDeployment{id, "no"})));
    EXPECT_EQ(executor.cancelled, std::vector{token});
    executor.end(0, Kind::succeeded);  // too late
    EXPECT_EQ(count<DeploymentSucceeded>(), 0U);
    EXPECT_EQ(dispatcher->under_way(), 0U);
}

TEST_F(DispatcherTest, SendsAgainAfterARestartWhatNobodyKnowsTheEndOf) {
    deploy();
    settle();
    const AttemptRequest before = executor.started.at(0);
    executor.started.clear();
    restart();
    settle();
    EXPECT_EQ(count<OutcomeUnknown>(), 1U);
    EXPECT_EQ(count<OutcomeReconciled>(), 1U);
    ASSERT_EQ(executor.started.size(), 1U);
    EXPECT_EQ(executor.started[0].schedule, before.schedule) << "the webhook-id is made of it";
    EXPECT_GT(executor.started[0].token, before.token);
    EXPECT_EQ(count<DeploymentDue>(), 1U);
}

TEST_F(DispatcherTest, TakesUpAfterARestartWhatWasDueAndNotBegun) {
    deploy();
    log->flush();
    restart();
    settle();
    EXPECT_EQ(executor.started.size(), 1U);
    EXPECT_EQ(count<OutcomeUnknown>(), 0U);
}

TEST_F(DispatcherTest, StopsOnceWhatIsUnderWayHasEnded) {
    for (int i = 0; i < 3; ++i) deploy();
    settle();
    bool drained = false;
    dispatcher->stop([&] { drained = true; });
    executor.end(0, Kind::succeeded);
    settle();
    EXPECT_FALSE(drained);
    executor.end(1, Kind::succeeded);
    EXPECT_TRUE(drained);
    EXPECT_EQ(executor.started.size(), 2U) << "nothing new is begun";
}

}  // namespace
}  // namespace slipway
