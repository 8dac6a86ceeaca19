// The events of a scheduled deployment's stream until it is due.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "eventlog/base/time.h"
#include "eventlog/events/app_events.h"
#include "eventlog/events/field_rules.h"
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

    friend bool operator==(const PlannedTime&, const PlannedTime&) = default;
};
BOOST_DESCRIBE_STRUCT(PlannedTime, (),
                      (wall_clock, original_timezone, timezone, disambiguation, due_at, resolution,
                       utc_offset_seconds, tzdb_version))
template <>
inline constexpr bool kIsRequired<&PlannedTime::timezone> = true;
template <>
inline constexpr bool kIsRequired<&PlannedTime::tzdb_version> = true;
template <>
inline constexpr auto kSameAs<&PlannedTime::original_timezone> = &PlannedTime::timezone;
template <>
inline constexpr bool kHasWideFieldsFirst<PlannedTime> = true;

struct Policies {
    DependencyFailurePolicy on_dependency_failure = DependencyFailurePolicy::hold;
    std::uint32_t dependency_timeout_seconds = 3600;
    std::uint32_t misfire_grace_seconds = 900;
    MisfireAction misfire_then = MisfireAction::hold;
    std::uint32_t retry_max_attempts = 3;
    std::uint32_t retry_backoff_seconds = 10;
    std::uint32_t retry_max_backoff_seconds = 600;

    friend bool operator==(const Policies&, const Policies&) = default;

    template <class H>
    friend H AbslHashValue(H state, const Policies& policies) {
        for_each_field(policies, [&](std::string_view, const auto& field) {
            state = H::combine(std::move(state), field);
        });
        return state;
    }
};
BOOST_DESCRIBE_STRUCT(Policies, (),
                      (on_dependency_failure, dependency_timeout_seconds, misfire_grace_seconds,
                       misfire_then, retry_max_attempts, retry_backoff_seconds,
                       retry_max_backoff_seconds))
template <>
inline constexpr bool kIsAbsentByDefault<Policies> = true;

// A tree is scheduled by one unit of the log: its root first, each dependency after the one that it
// is deployed for, and no other event between them. What has left the memory is read back by this.
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

    friend bool operator==(const DeploymentScheduled&, const DeploymentScheduled&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentScheduled, (),
                      (schedule, app, app_version, time, parent, lead_seconds, lead_shortened,
                       policies, note, labels))

struct DeploymentRescheduled {
    ScheduleId schedule;
    PlannedTime time;
    bool lead_shortened = false;

    friend bool operator==(const DeploymentRescheduled&, const DeploymentRescheduled&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentRescheduled, (), (schedule, time, lead_shortened))

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

    friend bool operator==(const DueTimeReresolved&, const DueTimeReresolved&) = default;
};
BOOST_DESCRIBE_STRUCT(DueTimeReresolved, (),
                      (schedule, old_due_at, due_at, wall_clock, resolution, utc_offset_seconds,
                       tzdb_version, timezone))
template <>
inline constexpr bool kIsRequired<&DueTimeReresolved::tzdb_version> = true;
template <>
inline constexpr bool kIsAppended<&DueTimeReresolved::timezone> = true;
template <>
inline constexpr bool kHasWideFieldsFirst<DueTimeReresolved> = true;

struct DeploymentTermsRevised {
    ScheduleId schedule;
    Policies policies;
    std::string note;
    Labels labels;

    friend bool operator==(const DeploymentTermsRevised&, const DeploymentTermsRevised&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentTermsRevised, (), (schedule, policies, note, labels))

struct DeploymentHeld {
    ScheduleId schedule;
    HoldReason reason = HoldReason::by_user;
    std::string note;
    std::optional<ScheduleId> dependency;  // the one that failed

    friend bool operator==(const DeploymentHeld&, const DeploymentHeld&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentHeld, (), (schedule, reason, note, dependency))

// It is due at its time if that is still to come, else at once.
struct DeploymentReleased {
    ScheduleId schedule;
    ReleaseReason reason = ReleaseReason::by_user;
    std::string note;

    friend bool operator==(const DeploymentReleased&, const DeploymentReleased&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentReleased, (), (schedule, reason, note))

// Somebody asked for it, or for what depends on it, to run now.
struct DeploymentExpedited {
    ScheduleId schedule;
    Instant due_at;
    ScheduleId root;  // the one that was asked to run now

    friend bool operator==(const DeploymentExpedited&, const DeploymentExpedited&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentExpedited, (), (schedule, due_at, root))

// It is due, and a dependency has not succeeded yet.
struct DependencyAwaited {
    ScheduleId schedule;
    ScheduleId dependency;
    Instant until;

    friend bool operator==(const DependencyAwaited&, const DependencyAwaited&) = default;
};
BOOST_DESCRIBE_STRUCT(DependencyAwaited, (), (schedule, dependency, until))

struct DeploymentCancelled {
    ScheduleId schedule;
    CancelReason reason = CancelReason::by_user;
    std::string note;
    ScheduleId root;  // the one whose cancel took this along

    friend bool operator==(const DeploymentCancelled&, const DeploymentCancelled&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentCancelled, (), (schedule, reason, note, root))

struct DeploymentMissed {
    ScheduleId schedule;
    Millis late_by_ms{0};
    MisfireAction policy = MisfireAction::skip;

    friend bool operator==(const DeploymentMissed&, const DeploymentMissed&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentMissed, (), (schedule, late_by_ms, policy))

// A dependency did not succeed, and the policy is to skip.
struct DeploymentSkipped {
    ScheduleId schedule;
    ScheduleId dependency;

    friend bool operator==(const DeploymentSkipped&, const DeploymentSkipped&) = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentSkipped, (), (schedule, dependency))

}  // namespace slipway
