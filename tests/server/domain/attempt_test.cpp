#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

constexpr DeploymentId kId{kRoot.uuid};

Policies retries(std::uint32_t attempts, std::uint32_t backoff, std::uint32_t most = 600) {
    Policies policies;
    policies.retry_max_attempts = attempts;
    policies.retry_backoff_seconds = backoff;
    policies.retry_max_backoff_seconds = most;
    return policies;
}

std::vector<Event> due_now(const Policies& policies = {}) {
    return {scheduled(kRoot, kApi, kNoon, {.policies = policies}), due(kRoot, kNoon, kNoon)};
}

AttemptFailed unavailable(std::uint32_t number, std::optional<Instant> retry_at) {
    return {kId, number, AttemptCause::answered, 503, {}, retry_at};
}

RecordOutcome unavailable() {
    return answer(AttemptOutcome::retryable, 503);
}

// ---- Starting

TEST(StartAttempt, RecordsTheIntentWithItsDeadline) {
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .then({AttemptStarted{kId, 1, "https://deploy.example.com/api", kNoon + 30s}})
        .then_status({{kRoot, ScheduleStatus::running}});
}

TEST(StartAttempt, CallsTheTargetOfThePinnedVersion) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when(ReviseApp{kApi, definition("elsewhere")})
        .when_timer_ticks()
        .when_started(kRoot)
        .then({AttemptStarted{kId, 1, "https://deploy.example.com/api", kNoon + 30s}});
}

TEST(StartAttempt, WhileOneIsUnderWayIsRejected) {
    Scenario{kNoon}.given(due_now()).when_started(kRoot).when_started(kRoot).then_rejected(
        RejectionCode::not_ready);
}

TEST(StartAttempt, BeforeItIsDueOrAfterItsEndIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when_started(kRoot)
        .then_rejected(RejectionCode::deployment_not_found)
        .when_timer_ticks()
        .when_deployed(kRoot)
        .when_started(kRoot)
        .then_rejected(RejectionCode::not_ready);
}

TEST(StartAttempt, WhileDispatchIsHeldIsRejected) {
    Scenario{kNoon}
        .given(due_now())
        .dispatch_held()
        .when_started(kRoot)
        .then_rejected(RejectionCode::dispatch_is_held)
        .dispatch_armed()
        .when_started(kRoot)
        .then_status({{kRoot, ScheduleStatus::running}});
}

// ---- Outcomes

TEST(RecordOutcome, OfSuccessEndsTheDeployment) {
    Scenario story{kNoon};
    story.given(due_now())
        .when_started(kRoot)
        .when_answered(kRoot, answer(AttemptOutcome::succeeded, 204))
        .then({DeploymentSucceeded{kId, 1, 204, {}}});
    EXPECT_EQ(story.run(kRoot).attempts.back().state, AttemptState::succeeded);
    EXPECT_EQ(story.run(kRoot).attempts.back().http_status, 204U);
}

TEST(RecordOutcome, OfFailureEndsTheDeploymentWithoutAnotherTry) {
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .when_answered(kRoot, answer(AttemptOutcome::failed, 400))
        .then({AttemptFailed{kId, 1, AttemptCause::answered, 400, {}, {}},
               DeploymentFailed{kId, 1, AttemptCause::answered, 400, {}}});
}

TEST(RecordOutcome, WithAStaleTokenIsRejected) {
    Scenario story{kNoon};
    story.given(due_now()).when_started(kRoot);
    RecordOutcome first = unavailable();
    first.deployment = kId;
    first.token = story.run(kRoot).attempts.back().token;
    RecordOutcome other = first;
    other.token.value += 1;
    story.when(other).then_rejected(RejectionCode::stale_attempt);
    story.chance(0).when(first).when(first).then_rejected(RejectionCode::stale_attempt);
    story.when_started(kRoot).when(first).then_rejected(RejectionCode::stale_attempt);
    story.when_answered(kRoot, answer(AttemptOutcome::succeeded, 200));
    EXPECT_EQ(story.run(kRoot).attempts.back().number, 2U);
}

TEST(RecordOutcome, RetriesAfterABackoffThatDoublesUpToItsMost) {
    Scenario story{kNoon};
    story.given(due_now(retries(5, 10, 35)));
    Instant now = kNoon;
    std::uint32_t number = 0;
    for (const Seconds backoff : {10s, 20s, 35s, 35s}) {
        story.when_started(kRoot)
            .when_answered(kRoot, unavailable())
            .then({unavailable(++number, now + backoff)});
        now += backoff;
        story.at(now - 1ms).when_started(kRoot).then_rejected(RejectionCode::not_ready).at(now);
    }
    story.when_started(kRoot)
        .when_answered(kRoot, unavailable())
        .then({unavailable(5, {}), DeploymentFailed{kId, 5, AttemptCause::answered, 503, {}}});
}

TEST(RecordOutcome, SpreadsRetriesFromZeroToTheBackoff) {
    Scenario{kNoon}
        .given(due_now(retries(5, 10)))
        .chance(0)
        .chance(1'234)
        .when_started(kRoot)
        .when_answered(kRoot, unavailable())
        .then({unavailable(1, kNoon)})
        .when_started(kRoot)
        .when_answered(kRoot, unavailable())
        .then({unavailable(2, kNoon + 1'234ms)});
}

TEST(RecordOutcome, NeverRetriesBeforeTheTargetSaid) {
    RecordOutcome later = unavailable();
    later.retry_after = 120s;
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .when_answered(kRoot, later)
        .then({unavailable(1, kNoon + 120s)});
}

TEST(RecordOutcome, NeverRetriesAfterTheStartDeadline) {
    RecordOutcome later = unavailable();
    later.retry_after = 24h;
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .when_answered(kRoot, later)
        .then({unavailable(1, kNoon + 24h)});
    later.retry_after = 24h + 1s;
    later.detail = "come back";
    const std::string detail =
        "the next attempt would be at 2027-02-11T12:00:01Z, after the start deadline "
        "2027-02-11T12:00:00Z: come back";
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .when_answered(kRoot, later)
        .then({AttemptFailed{kId, 1, AttemptCause::answered, 503, detail, {}},
               DeploymentFailed{kId, 1, AttemptCause::answered, 503, detail}});
}

TEST(RecordOutcome, RetriesWhatMayHaveArrived) {
    Scenario{kNoon}
        .given(due_now())
        .chance(0)
        .when_started(kRoot)
        .when_answered(kRoot, no_answer(AttemptCause::timed_out))
        .then({AttemptFailed{kId, 1, AttemptCause::timed_out, 0, {}, kNoon}});
}

TEST(RecordOutcome, OfALastAttemptThatMayHaveArrivedIsUnknown) {
    for (const auto cause : {AttemptCause::timed_out, AttemptCause::connection_lost}) {
        Scenario{kNoon}
            .given(due_now(retries(1, 10)))
            .when_started(kRoot)
            .when_answered(kRoot, no_answer(cause))
            .then({OutcomeUnknown{kId, 1, cause, {}}})
            .then_status({{kRoot, ScheduleStatus::unknown}})
            .when_started(kRoot)
            .then_rejected(RejectionCode::not_ready)
            .when(ReconcileInterrupted{kId})
            .then_rejected(RejectionCode::nothing_to_do);
    }
}

TEST(RecordOutcome, OfALastAttemptThatWasNeverSentIsAFailure) {
    RecordOutcome unsent = no_answer(AttemptCause::connect_failed);
    unsent.sent = false;
    Scenario{kNoon}
        .given(due_now(retries(1, 10)))
        .when_started(kRoot)
        .when_answered(kRoot, unsent)
        .then({AttemptFailed{kId, 1, AttemptCause::connect_failed, 0, {}, {}},
               DeploymentFailed{kId, 1, AttemptCause::connect_failed, 0, {}}});
}

// ---- Completion

TEST(RecordOutcome, OfAcceptanceWaitsForTheCompletion) {
    RecordOutcome accepted = answer(AttemptOutcome::accepted, 202);
    accepted.reference = "job 7";
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .when_answered(kRoot, accepted)
        .then({AttemptAccepted{kId, 1, "job 7", kNoon + 1h}})
        .then_status({{kRoot, ScheduleStatus::running}})
        .after(1h - 1ms)
        .when(Wake{kRoot})
        .then_rejected(RejectionCode::nothing_to_do)
        .after(1ms)
        .when_timer_ticks()
        .then({OutcomeUnknown{kId, 1, AttemptCause::completion_timed_out,
                              "the target accepted it and did not report the end in time"}})
        .then_status({{kRoot, ScheduleStatus::unknown}});
}

TEST(CompleteDeployment, AfterAcceptanceEndsIt) {
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .when_answered(kRoot, answer(AttemptOutcome::accepted, 202))
        .when(CompleteDeployment{kId, true, "all green"})
        .then({DeploymentSucceeded{kId, 1, 0, "all green"}})
        .after(2h)
        .when_timer_ticks()
        .then_nothing();
}

TEST(CompleteDeployment, BeforeTheAnswerEndsItAndTheAnswerIsStale) {
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .when(CompleteDeployment{kId, false, "red"})
        .then({DeploymentFailed{kId, 1, AttemptCause::reported, 0, "red"}})
        .when_answered(kRoot, answer(AttemptOutcome::accepted, 202))
        .then_rejected(RejectionCode::stale_attempt);
}

TEST(CompleteDeployment, BetweenTwoAttemptsEndsIt) {
    Scenario story{kNoon};
    story.given(due_now())
        .when_started(kRoot)
        .when_answered(kRoot, unavailable())
        .when(CompleteDeployment{kId, true, {}})
        .then({DeploymentSucceeded{kId, 1, 0, {}}})
        .after(1h)
        .when_started(kRoot)
        .then_rejected(RejectionCode::not_ready);
    EXPECT_EQ(story.run(kRoot).attempts.back().state, AttemptState::succeeded);
}

TEST(CompleteDeployment, OfAnUnknownOutcomeReconcilesIt) {
    for (const bool succeeded : {true, false}) {
        Scenario story{kNoon};
        story.given(due_now(retries(1, 10)))
            .when_started(kRoot)
            .when_answered(kRoot, no_answer(AttemptCause::timed_out))
            .when(CompleteDeployment{kId, succeeded, "looked"});
        const Event end =
            succeeded ? Event{DeploymentSucceeded{kId, 1, 0, "looked"}}
                      : Event{DeploymentFailed{kId, 1, AttemptCause::reported, 0, "looked"}};
        story.then(
            {OutcomeReconciled{kId, 1, succeeded ? Verdict::succeeded : Verdict::failed, "looked"},
             end});
    }
}

TEST(CompleteDeployment, TwiceTheSameChangesNothingAndAnotherIsRejected) {
    Scenario{kNoon}
        .given(due_now())
        .when_deployed(kRoot)
        .when(CompleteDeployment{kId, true, {}})
        .then_nothing()
        .when(CompleteDeployment{kId, false, {}})
        .then_rejected(RejectionCode::already_ended, "is succeeded");
}

TEST(CompleteDeployment, BeforeItWasSentIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when(CompleteDeployment{kId, true, {}})
        .then_rejected(RejectionCode::not_under_way)
        .when_timer_ticks()
        .when(CompleteDeployment{kId, true, {}})
        .then_rejected(RejectionCode::not_under_way);
}

TEST(CompleteDeployment, OfAnotherTeamIsNotFound) {
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .as(kMallory, kRivals)
        .when(CompleteDeployment{kId, true, {}})
        .then_rejected(RejectionCode::deployment_not_found)
        .when(AbortDeployment{kId, {}})
        .then_rejected(RejectionCode::deployment_not_found);
}

TEST(CompleteDeployment, LetsAWaitingParentGo) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .when_timer_ticks()
        .when_started(kFirst)
        .when_answered(kFirst, answer(AttemptOutcome::accepted, 202))
        .after(15min)
        .when_timer_ticks()
        .then_status({{kRoot, ScheduleStatus::waiting}})
        .when(CompleteDeployment{deployment_of(kFirst), true, {}})
        .then_status({{kRoot, ScheduleStatus::due}});
}

// ---- Interruptions

TEST(ReconcileInterrupted, SendsItAgainOnce) {
    Scenario story{kNoon};
    story.given(due_now(retries(1, 10)))
        .when_started(kRoot)
        .after(10s)
        .when(ReconcileInterrupted{kId})
        .then({OutcomeUnknown{kId, 1, AttemptCause::server_restarted,
                              "the server ended while the attempt was under way"},
               OutcomeReconciled{kId, 1, Verdict::resend,
                                 "a webhook is sent again under the same webhook-id"}})
        .when(ReconcileInterrupted{kId})
        .then_rejected(RejectionCode::nothing_to_do)
        .when_started(kRoot)
        .when_answered(kRoot, answer(AttemptOutcome::succeeded, 200))
        .then({DeploymentSucceeded{kId, 2, 200, {}}});
    EXPECT_EQ(story.run(kRoot).failures, 0U);
}

TEST(ReconcileInterrupted, WhileDispatchIsHeldWaitsForArming) {
    Scenario{kNoon}
        .given(due_now())
        .when_started(kRoot)
        .dispatch_held()
        .when(ReconcileInterrupted{kId})
        .then({OutcomeUnknown{kId, 1, AttemptCause::server_restarted,
                              "the server ended while the attempt was under way"}})
        .when(ReconcileInterrupted{kId})
        .then_rejected(RejectionCode::nothing_to_do)
        .dispatch_armed()
        .when(ReconcileInterrupted{kId})
        .then({OutcomeReconciled{kId, 1, Verdict::resend,
                                 "a webhook is sent again under the same webhook-id"}})
        .then_status({{kRoot, ScheduleStatus::running}});
}

TEST(ReconcileInterrupted, OfWhatWasNotUnderWayIsRejected) {
    Scenario{kNoon}
        .when(ReconcileInterrupted{kId})
        .then_rejected(RejectionCode::deployment_not_found)
        .given(due_now())
        .when(ReconcileInterrupted{kId})
        .then_rejected(RejectionCode::nothing_to_do)
        .when_started(kRoot)
        .when_answered(kRoot, answer(AttemptOutcome::accepted, 202))
        .when(ReconcileInterrupted{kId})
        .then_rejected(RejectionCode::nothing_to_do);
}

// ---- Aborts

TEST(AbortDeployment, EndsWhatIsDueRunningOrUnknown) {
    Scenario story{kNoon};
    story.given(due_now())
        .when(AbortDeployment{kId, "wrong build"})
        .then({DeploymentAborted{kId, "wrong build"}})
        .when_started(kRoot)
        .then_rejected(RejectionCode::not_ready);
    Scenario running{kNoon};
    running.given(due_now())
        .when_started(kRoot)
        .when(AbortDeployment{kId, {}})
        .then({DeploymentAborted{kId, {}}})
        .when_answered(kRoot, answer(AttemptOutcome::succeeded, 200))
        .then_rejected(RejectionCode::stale_attempt);
    EXPECT_EQ(running.run(kRoot).attempts.back().state, AttemptState::aborted);
    Scenario{kNoon}
        .given(due_now(retries(1, 10)))
        .when_started(kRoot)
        .when_answered(kRoot, no_answer(AttemptCause::timed_out))
        .when(AbortDeployment{kId, {}})
        .then_status({{kRoot, ScheduleStatus::aborted}});
}

TEST(AbortDeployment, TwiceChangesNothing) {
    Scenario{kNoon}
        .given(due_now())
        .when(AbortDeployment{kId, {}})
        .when(AbortDeployment{kId, {}})
        .then_nothing();
}

TEST(AbortDeployment, OfWhatIsPendingOrHasEndedIsRejected) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when(AbortDeployment{kId, {}})
        .then_rejected(RejectionCode::not_under_way, "cancel")
        .when_timer_ticks()
        .when_deployed(kRoot)
        .when(AbortDeployment{kId, {}})
        .then_rejected(RejectionCode::already_ended);
}

TEST(AbortDeployment, OfADependencyHoldsItsParent) {
    Scenario{kNoon}
        .given(pair(kNoon + 15min))
        .when_timer_ticks()
        .when(AbortDeployment{deployment_of(kFirst), {}})
        .then({DeploymentAborted{deployment_of(kFirst), {}},
               DeploymentHeld{kRoot, HoldReason::dependency_failed, "its dependency is aborted",
                              kFirst}});
}

// ---- At once

TEST(RequestDeployment, IsDueAtOnce) {
    const auto id = made<DeploymentId>(1);
    Scenario{kNoon}
        .when(RequestDeployment{kApi, {}, "now", {}})
        .then({DeploymentRequested{id, kApi, {}, "now", {}},
               DeploymentDue{id, kNoon, kNoon, Version{1}, kNoon + kStartDeadlineAfter}})
        .when_deployed(schedule_of(id))
        .then({DeploymentSucceeded{id, 1, 200, {}}});
}

TEST(RequestDeployment, WhileDispatchIsHeldIsRejected) {
    Scenario{kNoon}
        .dispatch_held()
        .when(RequestDeployment{kApi, {}, {}, {}})
        .then_rejected(RejectionCode::dispatch_is_held);
}

TEST(RequestDeployment, NamesEveryBadField) {
    Scenario{kNoon}
        .given({AppArchived{kDb}})
        .when(RequestDeployment{kForeign, retries(0, 10), std::string(2'001, 'x'), {}})
        .then_rejected_fields({{"/note", RejectionCode::invalid_field},
                               {"/retry/max_attempts", RejectionCode::invalid_field},
                               {"/app", RejectionCode::unknown_app}})
        .when(RequestDeployment{kDb, {}, {}, {}})
        .then_rejected(RejectionCode::app_archived);
}

}  // namespace
}  // namespace slipway
