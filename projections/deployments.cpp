#include "projections/deployments.h"

#include "eventlog/base/check.h"
#include "projections/memory.h"

#include <algorithm>

namespace slipway {

std::string_view name_of(AttemptState state) {
    switch (state) {
        case AttemptState::started:
            return "started";
        case AttemptState::accepted:
            return "accepted";
        case AttemptState::succeeded:
            return "succeeded";
        case AttemptState::failed:
            return "failed";
        case AttemptState::unknown:
            return "unknown";
        case AttemptState::aborted:
            return "aborted";
    }
    return {};
}

std::size_t run_bytes(const Run& run) {
    return kNodeBytes + memory_bytes(run);
}

namespace {

// Only this status is an acceptance.
constexpr std::uint32_t kAcceptedStatus = 202;

void set_detail(Attempt& attempt, const RecordedEvent& recorded, const std::string& detail) {
    attempt.detail = detail;
    attempt.detail_at = detail.empty() ? Position{} : recorded.position;
}

// A report of the end has no HTTP status, so that of the acceptance stays.
void keep_status(Attempt& attempt, std::uint32_t http_status) {
    if (http_status != 0) attempt.http_status = http_status;
}

}  // namespace

Run& Deployments::at(DeploymentId id) {
    const auto found = runs_.find(id);
    CHECK(found != runs_.end());
    return found->second;
}

void Deployments::apply(const RecordedEvent& recorded, const DeploymentDue& event) {
    const auto [at, is_new] = runs_.try_emplace(event.deployment);
    CHECK(is_new);
    at->second.due_at = event.due_at;
    at->second.decided_at = event.decided_at;
    at->second.start_deadline =
        event.start_deadline.value_or(event.decided_at + kStartDeadlineAfter);
    at->second.ready_at = recorded.envelope.recorded_at;
}

void Deployments::apply(const RecordedEvent& recorded, const AttemptStarted& event) {
    Run& run = at(event.deployment);
    CHECK(run.ready_at.has_value());
    CHECK(run.attempts.empty() || !run.attempts.back().is_open());
    run.ready_at.reset();
    Attempt attempt;
    attempt.number = event.number;
    attempt.token = recorded.position;
    attempt.started_at = recorded.envelope.recorded_at;
    attempt.deadline = event.deadline;
    run.attempts.push_back(std::move(attempt));
    if (run.attempts.size() <= kAttemptDetailsKept) return;
    std::string& old = run.attempts[run.attempts.size() - 1 - kAttemptDetailsKept].detail;
    old.clear();
    old.shrink_to_fit();
}

void Deployments::apply(const RecordedEvent&, const AttemptAccepted& event) {
    Run& run = at(event.deployment);
    run.attempts.back().state = AttemptState::accepted;
    run.attempts.back().http_status = kAcceptedStatus;
    run.completion_deadline = event.completion_deadline;
}

void Deployments::apply(const RecordedEvent& recorded, const AttemptFailed& event) {
    Run& run = at(event.deployment);
    Attempt& attempt = run.attempts.back();
    attempt.state = AttemptState::failed;
    attempt.cause = event.cause;
    attempt.http_status = event.http_status;
    set_detail(attempt, recorded, event.detail);
    attempt.ended_at = recorded.envelope.recorded_at;
    run.ready_at = event.retry_at;
    ++run.failures;
}

void Deployments::apply(const RecordedEvent& recorded, const OutcomeUnknown& event) {
    Run& run = at(event.deployment);
    Attempt& attempt = run.attempts.back();
    attempt.state = AttemptState::unknown;
    attempt.cause = event.cause;
    set_detail(attempt, recorded, event.detail);
    attempt.ended_at = recorded.envelope.recorded_at;
    run.completion_deadline.reset();
    run.ready_at.reset();
}

void Deployments::apply(const RecordedEvent& recorded, const OutcomeReconciled& event) {
    if (event.verdict == Verdict::resend) {
        at(event.deployment).ready_at = recorded.envelope.recorded_at;
    }
}

void Deployments::apply(const RecordedEvent& recorded, const DeploymentSucceeded& event) {
    Run& run = at(event.deployment);
    if (!run.attempts.empty()) {
        keep_status(run.attempts.back(), event.http_status);
        set_detail(run.attempts.back(), recorded, event.detail);
    }
    end(recorded, event.deployment, AttemptState::succeeded);
}

void Deployments::apply(const RecordedEvent& recorded, const DeploymentFailed& event) {
    Run& run = at(event.deployment);
    if (!run.attempts.empty() && run.attempts.back().is_open()) {
        run.attempts.back().cause = event.cause;
        keep_status(run.attempts.back(), event.http_status);
        set_detail(run.attempts.back(), recorded, event.detail);
    }
    end(recorded, event.deployment, AttemptState::failed);
}

void Deployments::apply(const RecordedEvent& recorded, const DeploymentAborted& event) {
    end(recorded, event.deployment, AttemptState::aborted);
}

void Deployments::end(const RecordedEvent& recorded, DeploymentId id, AttemptState state) {
    Run& run = at(id);
    run.ready_at.reset();
    run.completion_deadline.reset();
    run.ended_at = recorded.envelope.recorded_at;
    if (run.attempts.empty()) return;
    Attempt& attempt = run.attempts.back();
    // What is still open ends with the run; an attempt that failed stays what it was, unless it
    // turned out that it had succeeded after all.
    if (attempt.is_open() || state == AttemptState::succeeded) {
        attempt.state = state;
        attempt.ended_at = recorded.envelope.recorded_at;
    }
}

const Run* Deployments::find(DeploymentId id) const {
    const auto found = runs_.find(id);
    return found == runs_.end() ? nullptr : &found->second;
}

std::vector<DeploymentId> Deployments::open() const {
    std::vector<DeploymentId> ids;
    for (const auto& [id, run] : runs_) {
        if (!run.ended_at) ids.push_back(id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

void Deployments::add_to(Fingerprint& fingerprint) const {
    for (const auto& [id, run] : runs_) fingerprint.add("run", id, run);
}

}  // namespace slipway
