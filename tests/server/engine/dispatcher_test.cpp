#include "server/engine/dispatcher.h"

#include "tests/server/engine/runtime_world.h"

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

    void end(std::size_t index, Kind kind, std::optional<Seconds> retry_after = {}) {
        AttemptResult result;
        result.kind = kind;
        result.retry_after = retry_after;
        result.sent = true;
        result.http_status = kind == Kind::succeeded ? 200 : 500;
        dones.at(index)(std::move(result));
    }

    std::vector<AttemptRequest> started;
    std::vector<Done> dones;
    std::vector<Position> cancelled;
};

class FewSecrets : public TargetSecrets {
  public:
    std::vector<std::string> signing_secrets(const App&, Instant) const override { return {"key"}; }
    std::string callback_token(DeploymentId id) const override { return "for " + id.text(); }
    Result<Authorization> authorization(const Credential& credential) const override {
        if (credential.name == "lost") return Error{ErrorCode::not_found, "secrets: it is gone"};
        if (credential.name == "sick") return Error{ErrorCode::io, "secrets: the disk is sick"};
        return Authorization{"Authorization", "Bearer " + credential.name, credential.name};
    }
};

struct DispatcherTest : testing::Test, RuntimeWorld {
    // Lets everything happen that can without an answer of a target.
    void settle() {
        for (int i = 0; i < 4; ++i) {
            log->flush();
            dispatcher->tick(clock.now());
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
        dispatcher = std::make_unique<Dispatcher>(lane, executor, secrets, clock, limits);
        dispatcher->recover();
    }

    HeldExecutor executor;
    FewSecrets secrets;
    std::unique_ptr<Dispatcher> retired;
    AttemptLimits limits{.attempts = 16, .per_team = 3, .per_app = 2};
    std::unique_ptr<Dispatcher> dispatcher =
        std::make_unique<Dispatcher>(lane, executor, secrets, clock, limits);
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
    ASSERT_TRUE(executor.started[0].authorization);
    EXPECT_EQ(executor.started[0].authorization->value, "Bearer hook");
}

TEST_F(DispatcherTest, HasNothingToShowWhereTheTargetNamesNothing) {
    deploy();
    settle();
    EXPECT_FALSE(executor.started.at(0).authorization);
}

TEST_F(DispatcherTest, SendsNothingWithoutWhatTheTargetIsToBeShown) {
    const CredentialId lost = name_credential("lost");
    const DeploymentId id = deploy();
    settle();
    EXPECT_TRUE(executor.started.empty());
    EXPECT_EQ(count<DeploymentFailed>(), 1U);
    const Attempt& attempt = state.deployments().find(id)->attempts.back();
    EXPECT_EQ(attempt.cause, AttemptCause::credential_missing);
    EXPECT_EQ(attempt.detail, "the key of " + lost.text() + " is lost");
}

TEST_F(DispatcherTest, TriesAgainWhatTheTargetCouldNotBeShownThisTime) {
    name_credential("sick");
    const DeploymentId id = deploy();
    settle();
    EXPECT_TRUE(executor.started.empty());
    EXPECT_EQ(count<DeploymentFailed>(), 0U);
    EXPECT_TRUE(state.deployments().find(id)->ready_at);
}

TEST_F(DispatcherTest, ShowsNothingOfACredentialThatWasDeletedWhileItWaited) {
    const CredentialId hook = name_credential("hook");
    for (int i = 0; i < 3; ++i) deploy();
    settle();
    ASSERT_EQ(executor.started.size(), 2U);
    submit(ShredCredential{kOps, hook, true});
    executor.end(0, Kind::succeeded);
    settle();
    EXPECT_EQ(executor.started.size(), 2U);
    EXPECT_EQ(count<DeploymentFailed>(), 1U);
}

// The unit that ends an attempt makes others due: each is observed, then what follows is submitted.
TEST_F(DispatcherTest, SubmitsNothingWhileEventsAreObserved) {
    const CredentialId hook = name_credential("hook");
    std::vector<DeploymentId> made;
    for (int i = 0; i < 4; ++i) made.push_back(deploy());
    settle();
    ASSERT_EQ(executor.started.size(), 2U);
    submit(ShredCredential{kOps, hook, true});
    lane.observe([this](const RecordedEvent& one) {
        if (!std::holds_alternative<DeploymentAborted>(one.event)) return;
        EXPECT_EQ(count<DeploymentFailed>(), 0U) << "of those that wait and have no credential";
    });
    submit(AbortDeployment{made[0], "no"});
    settle();
    EXPECT_EQ(count<DeploymentFailed>(), 2U);
    EXPECT_EQ(dispatcher->under_way(), 1U);
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

TEST_F(DispatcherTest, WaitsAsLongAsTheTargetAsksThoughTheWallClockIsSet) {
    for (const Millis by : {Millis{-2h}, Millis{0}, Millis{2h}}) {
        executor.started.clear();
        executor.dones.clear();
        clock.set_by = Millis{0};
        deploy();
        settle();
        ASSERT_EQ(executor.started.size(), 1U);
        executor.end(0, Kind::retryable, 60s);
        log->flush();
        clock.time += 1s;
        clock.set_by = by;
        EXPECT_EQ(dispatcher->tick(clock.now()), clock.now() + 59s);
        clock.time += 58s;
        settle();
        EXPECT_EQ(executor.started.size(), 1U) << by.count();
        clock.time += 1s;
        settle();
        ASSERT_EQ(executor.started.size(), 2U) << by.count();
        executor.end(1, Kind::succeeded);
        settle();
    }
}

TEST_F(DispatcherTest, WaitsNoLongerThanThePauseThoughItRestartsWithAClockThatWasSetBack) {
    deploy();
    settle();
    executor.end(0, Kind::retryable, 60s);
    log->flush();
    clock.set_by = -2h;
    restart();
    clock.time += 60s;
    settle();
    EXPECT_EQ(executor.started.size(), 2U);
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
    lane.submit(HoldDispatch{"stop"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    settle();
    EXPECT_EQ(executor.started.size(), 1U);
    lane.submit(ArmDispatch{"go"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    dispatcher->tick(clock.time);
    EXPECT_EQ(executor.started.size(), 1U) << "that it is armed is not durable";
    settle();
    EXPECT_EQ(executor.started.size(), 2U);
    EXPECT_EQ(count<AttemptStarted>(), 2U);
}

TEST_F(DispatcherTest, LeavesWhatIsWithheldToTheNextStart) {
    deploy();
    log->flush();
    dispatcher->tick(clock.time);
    lane.submit(HoldDispatch{"stop"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    log->flush();
    EXPECT_EQ(dispatcher->under_way(), 1U);
    EXPECT_TRUE(executor.started.empty());
    bool drained = false;
    dispatcher->stop([&] { drained = true; });
    EXPECT_TRUE(drained);
}

TEST_F(DispatcherTest, GoesOnWithWhatWaitsThoughTheFirstOfItEnded) {
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

TEST_F(DispatcherTest, SaysForWhatADeploymentWaits) {
    std::vector<DeploymentId> made;
    for (int i = 0; i < 3; ++i) made.push_back(deploy());
    settle();
    const auto waits_for = [&](DeploymentId id) {
        return dispatcher->waits_for(state.schedules().find(schedule_of(id)));
    };
    EXPECT_EQ(waits_for(made[0]), "");
    EXPECT_EQ(waits_for(made[2]), "app_limit");
    executor.end(0, Kind::retryable, 60s);
    log->flush();
    EXPECT_EQ(waits_for(made[0]), "retry");
    lane.submit(HoldDispatch{"stop"}, {Actor{ActorKind::user, kAlice, {}}, {}, true});
    EXPECT_EQ(waits_for(made[2]), "dispatch");
}

TEST_F(DispatcherTest, SaysThatADeploymentWaitsForItsRetryThoughItsAppIsAtItsLimit) {
    std::vector<DeploymentId> made;
    for (int i = 0; i < 4; ++i) made.push_back(deploy());
    settle();
    const auto waits_for = [&](DeploymentId id) {
        return dispatcher->waits_for(state.schedules().find(schedule_of(id)));
    };
    executor.end(0, Kind::retryable, 60s);
    settle();
    ASSERT_EQ(executor.started.size(), 3U);
    EXPECT_EQ(waits_for(made[3]), "app_limit");
    EXPECT_EQ(waits_for(made[0]), "retry");
    clock.time += 61s;
    settle();
    EXPECT_EQ(waits_for(made[0]), "app_limit");
}

TEST_F(DispatcherTest, TellsHowLongAfterItWasDueADeploymentWasFirstSent) {
    std::vector<Millis> lags;
    dispatcher->on_first_sent([&](Millis lag) { lags.push_back(lag); });
    for (int i = 0; i < 3; ++i) deploy();
    settle();
    clock.time += 5s;
    executor.end(0, Kind::retryable, 60s);
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
