// A Rejection is why the domain says no: expected, and told to whoever asked in words that help.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/time.h"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// What kind of no; the API has one status for each.
enum class RejectionKind : std::uint8_t {
    invalid,    // the request says something that cannot be
    not_found,  // there is no such thing, or it is another team's
    conflict,   // the state does not allow it
};

// Stable and machine-readable; the spelling is that of the API's `code`. The macro makes the names,
// so that none can be missing.
// clang-format off
BOOST_DEFINE_FIXED_ENUM_CLASS(RejectionCode, std::uint8_t,
    // invalid
    invalid_field,
    invalid_date,
    unknown_app,
    unknown_credential,
    app_archived,
    unknown_timezone,
    due_in_past,
    ambiguous_local_time,
    nonexistent_local_time,
    offset_not_in_force,
    dependency_cycle,
    duplicate_dependency,
    too_many_dependencies,
    // not_found
    app_not_found,
    schedule_not_found,
    deployment_not_found,
    team_not_found,
    member_not_found,
    invitation_not_found,
    token_not_found,
    credential_not_found,
    // conflict
    app_name_taken,
    app_is_archived,
    app_has_pending_schedules,
    too_many_schedules,
    already_due,
    already_ended,
    already_held,
    not_held,
    not_scheduled,
    not_under_way,
    is_a_dependency,
    dependency_held,
    dispatch_is_held,
    dispatch_is_armed,
    stale_attempt,
    not_ready,
    already_member,
    last_owner,
    nothing_to_do,
    credential_name_taken,
    credential_in_use,
    quota_exceeded)
// clang-format on

RejectionKind kind_of(RejectionCode code);
std::string_view name_of(RejectionCode code);
// The names of all codes, in their order.
std::vector<std::string_view> rejection_code_names();

// An instant that a wall clock could stand for, and what the clock on the wall shows then.
struct Candidate {
    LocalTime at;
    Instant due_at;
    Seconds utc_offset;

    friend bool operator==(const Candidate&, const Candidate&) = default;
};

// One field of the request, by its JSON Pointer (RFC 6901): what was found, and what is accepted.
struct FieldError {
    std::string pointer;
    RejectionCode code = RejectionCode::invalid_field;
    std::string detail;
    // What could be sent instead, where that is known: instants, and names of zones.
    std::vector<Candidate> candidates = {};
    std::vector<std::string> timezones = {};

    friend bool operator==(const FieldError&, const FieldError&) = default;
};

// The limit that a change would pass.
struct QuotaExceeded {
    std::uint64_t limit = 0;
    std::uint64_t value = 0;  // with the change
    std::string setting;      // the server's option that sets the limit
};

// A scheduled deployment that is in the way.
struct ScheduleInTheWay {
    ScheduleId id;
    std::string_view status;
    Instant due_at;
};

struct Rejection {
    RejectionCode code = RejectionCode::invalid_field;
    std::string detail;
    std::vector<FieldError> fields;  // every bad field at once; empty if no field is to blame
    std::optional<QuotaExceeded> quota = {};
    std::vector<ScheduleInTheWay> schedules = {};  // the first of them
    std::size_t schedules_in_all = 0;
};

inline Rejection reject(RejectionCode code, std::string detail) {
    return Rejection{code, std::move(detail), {}, {}};
}

inline Rejection no_such_team() {
    return reject(RejectionCode::team_not_found, "there is no such team");
}

// Requires: !fields.empty().
Rejection reject(std::vector<FieldError> fields);

}  // namespace slipway
