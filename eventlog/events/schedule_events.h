// The events of a scheduled deployment's stream until it is due.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "eventlog/base/time.h"
#include "eventlog/events/app_events.h"
#include "eventlog/events/vocabulary.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace slipway {

// What a person meant (wall clock and zone), and the instant that it stood for when it was decided.
struct PlannedTime {
    LocalTime wall_clock;
    std::string original_timezone;  // as the user gave it
    std::string timezone;           // canonical in the zone database
    Disambiguation disambiguation = Disambiguation::compatible;
    Instant due_at;
    Resolution resolution = Resolution::exact;
    Seconds utc_offset_seconds{0};
    std::string tzdb_version;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("wall_clock", self.wall_clock);
        visit("original_timezone", self.original_timezone);
        visit("timezone", self.timezone);
        visit("disambiguation", self.disambiguation);
        visit("due_at", self.due_at);
        visit("resolution", self.resolution);
        visit("utc_offset_seconds", self.utc_offset_seconds);
        visit("tzdb_version", self.tzdb_version);
    }
    friend bool operator==(const PlannedTime&, const PlannedTime&) = default;
};

struct Policies {
    DependencyFailurePolicy on_dependency_failure = DependencyFailurePolicy::hold;
    std::uint32_t dependency_timeout_seconds = 3600;
    std::uint32_t misfire_grace_seconds = 900;
    MisfireAction misfire_then = MisfireAction::hold;
    std::uint32_t retry_max_attempts = 3;
    std::uint32_t retry_backoff_seconds = 10;
    std::uint32_t retry_max_backoff_seconds = 600;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("on_dependency_failure", self.on_dependency_failure);
        visit("dependency_timeout_seconds", self.dependency_timeout_seconds);
        visit("misfire_grace_seconds", self.misfire_grace_seconds);
        visit("misfire_then", self.misfire_then);
        visit("retry_max_attempts", self.retry_max_attempts);
        visit("retry_backoff_seconds", self.retry_backoff_seconds);
        visit("retry_max_backoff_seconds", self.retry_max_backoff_seconds);
    }
    friend bool operator==(const Policies&, const Policies&) = default;

    template <class H>
    friend H AbslHashValue(H state, const Policies& policies) {
        fields(policies, [&](std::string_view, const auto& field) {
            state = H::combine(std::move(state), field);
        });
        return state;
    }
};
struct DeploymentScheduled {
    ScheduleId schedule;
    AppId app;
    Version app_version;  // 0: the latest when due
    PlannedTime time;
    std::optional<ScheduleId> parent;  // whose dependency this is
    std::uint32_t lead_seconds = 0;    // elapsed time before the parent; 0 without one
    bool lead_shortened = false;       // the lead began in the past: due at once
    Policies policies;
    std::string note;
    Labels labels;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("app", self.app);
        visit("app_version", self.app_version);
        visit("time", self.time);
        visit("parent", self.parent);
        visit("lead_seconds", self.lead_seconds);
        visit("lead_shortened", self.lead_shortened);
        visit("policies", self.policies);
        visit("note", self.note);
        visit("labels", self.labels);
    }
    friend bool operator==(const DeploymentScheduled&, const DeploymentScheduled&) = default;
};

struct DeploymentRescheduled {
    ScheduleId schedule;
    PlannedTime time;
    bool lead_shortened = false;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("time", self.time);
        visit("lead_shortened", self.lead_shortened);
    }
    friend bool operator==(const DeploymentRescheduled&, const DeploymentRescheduled&) = default;
};

// Its wall clock stands for another instant by the zone rules of the day, or its zone has another
// canonical name by them; or it is a dependency, and what it is deployed for has moved.
struct DueTimeReresolved {
    ScheduleId schedule;
    Instant old_due_at;
    Instant due_at;
    LocalTime wall_clock;  // of a dependency it is what the clock shows at the new instant
    Resolution resolution = Resolution::exact;
    Seconds utc_offset_seconds{0};
    std::string tzdb_version;
    std::string timezone;  // canonical by those rules; empty in events of 0.1.0: it stays

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("old_due_at", self.old_due_at);
        visit("due_at", self.due_at);
        visit("wall_clock", self.wall_clock);
        visit("resolution", self.resolution);
        visit("utc_offset_seconds", self.utc_offset_seconds);
        visit("tzdb_version", self.tzdb_version);
        visit("timezone", self.timezone);
    }
    friend bool operator==(const DueTimeReresolved&, const DueTimeReresolved&) = default;
};

struct DeploymentTermsRevised {
    ScheduleId schedule;
    Policies policies;
    std::string note;
    Labels labels;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("policies", self.policies);
        visit("note", self.note);
        visit("labels", self.labels);
    }
    friend bool operator==(const DeploymentTermsRevised&, const DeploymentTermsRevised&) = default;
};

struct DeploymentHeld {
    ScheduleId schedule;
    HoldReason reason = HoldReason::by_user;
    std::string note;
    std::optional<ScheduleId> dependency;  // the one that failed

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("reason", self.reason);
        visit("note", self.note);
        visit("dependency", self.dependency);
    }
    friend bool operator==(const DeploymentHeld&, const DeploymentHeld&) = default;
};

// It is due at its time if that is still to come, else at once.
struct DeploymentReleased {
    ScheduleId schedule;
    ReleaseReason reason = ReleaseReason::by_user;
    std::string note;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("reason", self.reason);
        visit("note", self.note);
    }
    friend bool operator==(const DeploymentReleased&, const DeploymentReleased&) = default;
};

// Somebody asked for it, or for what depends on it, to run now.
struct DeploymentExpedited {
    ScheduleId schedule;
    Instant due_at;
    ScheduleId root;  // the one that was asked to run now

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("due_at", self.due_at);
        visit("root", self.root);
    }
    friend bool operator==(const DeploymentExpedited&, const DeploymentExpedited&) = default;
};

// It is due, and a dependency has not succeeded yet.
struct DependencyAwaited {
    ScheduleId schedule;
    ScheduleId dependency;
    Instant until;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("dependency", self.dependency);
        visit("until", self.until);
    }
    friend bool operator==(const DependencyAwaited&, const DependencyAwaited&) = default;
};

struct DeploymentCancelled {
    ScheduleId schedule;
    CancelReason reason = CancelReason::by_user;
    std::string note;
    ScheduleId root;  // the one whose cancel took this along

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("reason", self.reason);
        visit("note", self.note);
        visit("root", self.root);
    }
    friend bool operator==(const DeploymentCancelled&, const DeploymentCancelled&) = default;
};

struct DeploymentMissed {
    ScheduleId schedule;
    Millis late_by_ms{0};
    MisfireAction policy = MisfireAction::skip;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("late_by_ms", self.late_by_ms);
        visit("policy", self.policy);
    }
    friend bool operator==(const DeploymentMissed&, const DeploymentMissed&) = default;
};

// A dependency did not succeed, and the policy is to skip.
struct DeploymentSkipped {
    ScheduleId schedule;
    ScheduleId dependency;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("schedule", self.schedule);
        visit("dependency", self.dependency);
    }
    friend bool operator==(const DeploymentSkipped&, const DeploymentSkipped&) = default;
};

}  // namespace slipway
