// The words that events, commands and the API share: closed lists, each with its spelling in JSON.
// The numbers go to disk: they are never changed and never used again. Each list begins at 0 and
// has no gap.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace slipway {

// What to do with a wall clock that occurs twice or never; as ECMAScript's Temporal.
enum class Disambiguation : std::uint8_t { compatible = 0, earlier = 1, later = 2, reject = 3 };

// What was done with it.
enum class Resolution : std::uint8_t {
    exact = 0,
    gap_shifted = 1,
    overlap_earlier = 2,
    overlap_later = 3,
};

enum class DependencyFailurePolicy : std::uint8_t { hold = 0, skip = 1, proceed = 2 };
enum class MisfireAction : std::uint8_t { hold = 0, skip = 1, run = 2 };

enum class HoldReason : std::uint8_t {
    by_user = 0,
    misfire = 1,
    dependency_failed = 2,
    freeze = 3,
    dispatch_held = 4,
    restored = 5,
    parent_held = 6,  // a person held what it is deployed for
};

enum class ReleaseReason : std::uint8_t { by_user = 0, dispatch_armed = 1, run_now = 2 };
enum class CancelReason : std::uint8_t { by_user = 0, parent_cancelled = 1, app_archived = 2 };

enum class Role : std::uint8_t { viewer = 0, deployer = 1, owner = 2 };

enum class ClaimReason : std::uint8_t { first_start = 0, moved = 1, restored = 2, salvaged = 3 };
enum class DispatchReason : std::uint8_t { by_operator = 0, moved = 1, restored = 2 };

enum class ExportKind : std::uint8_t { log = 0, state = 1, backup = 2 };

enum class AttemptCause : std::uint8_t {
    answered = 0,              // with a status that says no
    connect_failed = 1,        // nothing was sent
    timed_out = 2,             // sent, and no answer
    connection_lost = 3,       // sent, and the connection ended
    address_refused = 4,       // by the address filter; nothing was sent
    invalid_target = 5,        // the target cannot be called at all
    server_restarted = 6,      // the process ended while the attempt was under way
    completion_timed_out = 7,  // accepted, and never reported
    reported = 8,              // the target or a person said so
    response_too_large = 9,    // the answer went over the cap
    credential_missing = 10,   // it was deleted, or its key is lost; nothing was sent
};

enum class Verdict : std::uint8_t { succeeded = 0, failed = 1, resend = 2 };

// Where an app's infrastructure is.
enum class Provider : std::uint8_t {
    aws_ecs = 0,
    kubernetes = 1,
    digitalocean = 2,
    on_premise = 3,
    other = 4,
};

enum class TargetKind : std::uint8_t { webhook = 0 };

// How a target is shown that it is asked by somebody who may.
enum class CredentialKind : std::uint8_t {
    bearer = 0,  // Authorization: Bearer SECRET
    basic = 1,   // Authorization: Basic, of a user and the secret as password
    header = 2,  // the secret, in a header of that name
};

enum class ActorKind : std::uint8_t { user = 0, timer = 1, executor = 2, server = 3, target = 4 };

// How far a scheduled deployment, or a deployment at once, has come. Not on disk in events.
enum class ScheduleStatus : std::uint8_t {
    scheduled,
    held,
    waiting,
    due,
    running,
    unknown,
    succeeded,
    failed,
    aborted,
    cancelled,
    missed,
    skipped,
};

inline constexpr std::size_t kScheduleStatuses =
    static_cast<std::size_t>(ScheduleStatus::skipped) + 1;

// Nothing happens to it any more.
constexpr bool is_terminal(ScheduleStatus status) {
    switch (status) {
        case ScheduleStatus::scheduled:
        case ScheduleStatus::held:
        case ScheduleStatus::waiting:
        case ScheduleStatus::due:
        case ScheduleStatus::running:
        case ScheduleStatus::unknown:
            return false;
        case ScheduleStatus::succeeded:
        case ScheduleStatus::failed:
        case ScheduleStatus::aborted:
        case ScheduleStatus::cancelled:
        case ScheduleStatus::missed:
        case ScheduleStatus::skipped:
            return true;
    }
    return false;
}

// Not yet due: it can still be cancelled.
constexpr bool is_pending(ScheduleStatus status) {
    return status == ScheduleStatus::scheduled || status == ScheduleStatus::held ||
           status == ScheduleStatus::waiting;
}

// Why a scheduled deployment ended before it was due. Not on disk in events.
enum class EndReason : std::uint8_t {
    none,  // it did not
    by_user,
    parent_cancelled,  // what it was deployed for will not run
    app_archived,
    misfire,               // it was later than its grace allows
    time_moved,            // other zone rules moved its time into the past
    dependency_failed,     // one that it depends on ended, and did not succeed
    dependency_timed_out,  // one that it depends on did not succeed in time
};

// The spelling in JSON, in events and in the API. Empty for a number that no value has.
std::string_view name_of(ScheduleStatus value);
std::string_view name_of(EndReason value);
std::string_view name_of(Disambiguation value);
std::string_view name_of(Resolution value);
std::string_view name_of(DependencyFailurePolicy value);
std::string_view name_of(MisfireAction value);
std::string_view name_of(HoldReason value);
std::string_view name_of(ReleaseReason value);
std::string_view name_of(CancelReason value);
std::string_view name_of(Role value);
std::string_view name_of(ClaimReason value);
std::string_view name_of(DispatchReason value);
std::string_view name_of(ExportKind value);
std::string_view name_of(AttemptCause value);
std::string_view name_of(Verdict value);
std::string_view name_of(Provider value);
std::string_view name_of(TargetKind value);
std::string_view name_of(CredentialKind value);
std::string_view name_of(ActorKind value);

// Whether `number`, read from disk, is one of Enum's values.
template <class Enum>
bool is_known(std::uint8_t number) {
    return !name_of(static_cast<Enum>(number)).empty();
}

// The spellings of all values, in their order.
template <class Enum>
std::vector<std::string_view> names_of() {
    std::vector<std::string_view> names;
    for (std::uint8_t number = 0; is_known<Enum>(number); ++number) {
        names.push_back(name_of(static_cast<Enum>(number)));
    }
    return names;
}

// The value of that spelling, or nothing. Enum is one of those above.
template <class Enum>
std::optional<Enum> value_of(std::string_view name) {
    for (std::uint8_t number = 0; is_known<Enum>(number); ++number) {
        const auto value = static_cast<Enum>(number);
        if (name_of(value) == name) return value;
    }
    return std::nullopt;
}

}  // namespace slipway
