// The events of a deployment: the same stream as its schedule's, from when it is due to its end.

#pragma once

#include "eventlog/base/describe.h"
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

    friend bool operator==(const DeploymentRequested&, const DeploymentRequested&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentRequested, (), (deployment, app, policies, note, labels))

// From when a deployment is decided: no pause before an attempt ends later.
inline constexpr Seconds kStartDeadlineAfter{86'400};

// The one decision to dispatch: at most once in a stream.
struct DeploymentDue {
    DeploymentId deployment;
    Instant due_at;
    Instant decided_at;
    Version app_version;
    std::optional<Instant> start_deadline = {};  // nothing: kStartDeadlineAfter, as it always was

    friend bool operator==(const DeploymentDue&, const DeploymentDue&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentDue, (),
                      (deployment, due_at, decided_at, app_version, start_deadline))

// The durable intent. Its position is the fencing token of the attempt.
struct AttemptStarted {
    DeploymentId deployment;
    std::uint32_t number = 0;
    std::string target;
    Instant deadline;

    friend bool operator==(const AttemptStarted&, const AttemptStarted&) = default;
};
BOOST_DESCRIBE_STRUCT(AttemptStarted, (), (deployment, number, target, deadline))

// The target took it on and will report the end.
struct AttemptAccepted {
    DeploymentId deployment;
    std::uint32_t number = 0;
    std::string reference;
    Instant completion_deadline;

    friend bool operator==(const AttemptAccepted&, const AttemptAccepted&) = default;
};
BOOST_DESCRIBE_STRUCT(AttemptAccepted, (), (deployment, number, reference, completion_deadline))

struct AttemptFailed {
    DeploymentId deployment;
    std::uint32_t number = 0;
    AttemptCause cause = AttemptCause::answered;
    std::uint32_t http_status = 0;  // 0: no answer
    std::string detail;
    std::optional<Instant> retry_at;  // nothing: it was the last

    friend bool operator==(const AttemptFailed&, const AttemptFailed&) = default;
};
BOOST_DESCRIBE_STRUCT(AttemptFailed, (), (deployment, number, cause, http_status, detail, retry_at))

// It may or may not have happened at the target.
struct OutcomeUnknown {
    DeploymentId deployment;
    std::uint32_t number = 0;
    AttemptCause cause = AttemptCause::timed_out;
    std::string detail;

    friend bool operator==(const OutcomeUnknown&, const OutcomeUnknown&) = default;
};
BOOST_DESCRIBE_STRUCT(OutcomeUnknown, (), (deployment, number, cause, detail))

struct OutcomeReconciled {
    DeploymentId deployment;
    std::uint32_t number = 0;
    Verdict verdict = Verdict::resend;
    std::string evidence;

    friend bool operator==(const OutcomeReconciled&, const OutcomeReconciled&) = default;
};
BOOST_DESCRIBE_STRUCT(OutcomeReconciled, (), (deployment, number, verdict, evidence))

struct DeploymentSucceeded {
    DeploymentId deployment;
    std::uint32_t number = 0;
    std::uint32_t http_status = 0;
    std::string detail;

    friend bool operator==(const DeploymentSucceeded&, const DeploymentSucceeded&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentSucceeded, (), (deployment, number, http_status, detail))

struct DeploymentFailed {
    DeploymentId deployment;
    std::uint32_t number = 0;
    AttemptCause cause = AttemptCause::answered;
    std::uint32_t http_status = 0;
    std::string detail;

    friend bool operator==(const DeploymentFailed&, const DeploymentFailed&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentFailed, (), (deployment, number, cause, http_status, detail))

struct DeploymentAborted {
    DeploymentId deployment;
    std::string note;

    friend bool operator==(const DeploymentAborted&, const DeploymentAborted&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentAborted, (), (deployment, note))

}  // namespace slipway
