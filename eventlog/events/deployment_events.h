// The events of a deployment: the same stream as its schedule's, from when it is due to its end.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "eventlog/base/time.h"
#include "eventlog/events/schedule_events.h"
#include "eventlog/events/vocabulary.h"

#include <cstdint>
#include <optional>
#include <string>

namespace slipway {

// A deployment at once, with no wall clock.
struct DeploymentRequested {
    DeploymentId deployment;
    AppId app;
    Policies policies;
    std::string note;
    Labels labels;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("app", self.app);
        visit("policies", self.policies);
        visit("note", self.note);
        visit("labels", self.labels);
    }
    friend bool operator==(const DeploymentRequested&, const DeploymentRequested&) = default;
};

// From when a deployment is decided: no pause before an attempt ends later.
inline constexpr Seconds kStartDeadlineAfter{86'400};

// The one decision to dispatch: at most once in a stream.
struct DeploymentDue {
    DeploymentId deployment;
    Instant due_at;
    Instant decided_at;
    Version app_version;
    std::optional<Instant> start_deadline = {};  // nothing: kStartDeadlineAfter, as it always was

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("due_at", self.due_at);
        visit("decided_at", self.decided_at);
        visit("app_version", self.app_version);
        visit("start_deadline", self.start_deadline);
    }
    friend bool operator==(const DeploymentDue&, const DeploymentDue&) = default;
};

// The durable intent. Its position is the fencing token of the attempt.
struct AttemptStarted {
    DeploymentId deployment;
    std::uint32_t number = 0;
    std::string target;
    Instant deadline;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("number", self.number);
        visit("target", self.target);
        visit("deadline", self.deadline);
    }
    friend bool operator==(const AttemptStarted&, const AttemptStarted&) = default;
};

// The target took it on and will report the end.
struct AttemptAccepted {
    DeploymentId deployment;
    std::uint32_t number = 0;
    std::string reference;
    Instant completion_deadline;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("number", self.number);
        visit("reference", self.reference);
        visit("completion_deadline", self.completion_deadline);
    }
    friend bool operator==(const AttemptAccepted&, const AttemptAccepted&) = default;
};

struct AttemptFailed {
    DeploymentId deployment;
    std::uint32_t number = 0;
    AttemptCause cause = AttemptCause::answered;
    std::uint32_t http_status = 0;  // 0: no answer
    std::string detail;
    std::optional<Instant> retry_at;  // nothing: it was the last

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("number", self.number);
        visit("cause", self.cause);
        visit("http_status", self.http_status);
        visit("detail", self.detail);
        visit("retry_at", self.retry_at);
    }
    friend bool operator==(const AttemptFailed&, const AttemptFailed&) = default;
};

// It may or may not have happened at the target.
struct OutcomeUnknown {
    DeploymentId deployment;
    std::uint32_t number = 0;
    AttemptCause cause = AttemptCause::timed_out;
    std::string detail;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("number", self.number);
        visit("cause", self.cause);
        visit("detail", self.detail);
    }
    friend bool operator==(const OutcomeUnknown&, const OutcomeUnknown&) = default;
};

struct OutcomeReconciled {
    DeploymentId deployment;
    std::uint32_t number = 0;
    Verdict verdict = Verdict::resend;
    std::string evidence;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("number", self.number);
        visit("verdict", self.verdict);
        visit("evidence", self.evidence);
    }
    friend bool operator==(const OutcomeReconciled&, const OutcomeReconciled&) = default;
};

struct DeploymentSucceeded {
    DeploymentId deployment;
    std::uint32_t number = 0;
    std::uint32_t http_status = 0;
    std::string detail;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("number", self.number);
        visit("http_status", self.http_status);
        visit("detail", self.detail);
    }
    friend bool operator==(const DeploymentSucceeded&, const DeploymentSucceeded&) = default;
};

struct DeploymentFailed {
    DeploymentId deployment;
    std::uint32_t number = 0;
    AttemptCause cause = AttemptCause::answered;
    std::uint32_t http_status = 0;
    std::string detail;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("number", self.number);
        visit("cause", self.cause);
        visit("http_status", self.http_status);
        visit("detail", self.detail);
    }
    friend bool operator==(const DeploymentFailed&, const DeploymentFailed&) = default;
};

struct DeploymentAborted {
    DeploymentId deployment;
    std::string note;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("deployment", self.deployment);
        visit("note", self.note);
    }
    friend bool operator==(const DeploymentAborted&, const DeploymentAborted&) = default;
};

}  // namespace slipway
