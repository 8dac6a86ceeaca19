#include "server/domain/rejection.h"

#include "eventlog/base/check.h"
#include "eventlog/base/quote.h"

#include <algorithm>
#include <array>

namespace slipway {

RejectionKind kind_of(RejectionCode code) {
    if (code <= RejectionCode::too_many_dependencies) return RejectionKind::invalid;
    if (code <= RejectionCode::credential_not_found) return RejectionKind::not_found;
    return RejectionKind::conflict;
}

std::string_view name_of(RejectionCode code) {
    constexpr std::array<std::string_view, 43> kNames = {"invalid_field",
                                                         "invalid_date",
                                                         "unknown_app",
                                                         "unknown_credential",
                                                         "app_archived",
                                                         "unknown_timezone",
                                                         "due_in_past",
                                                         "ambiguous_local_time",
                                                         "nonexistent_local_time",
                                                         "offset_not_in_force",
                                                         "dependency_cycle",
                                                         "duplicate_dependency",
                                                         "too_many_dependencies",
                                                         "app_not_found",
                                                         "schedule_not_found",
                                                         "deployment_not_found",
                                                         "team_not_found",
                                                         "member_not_found",
                                                         "invitation_not_found",
                                                         "token_not_found",
                                                         "credential_not_found",
                                                         "app_name_taken",
                                                         "app_is_archived",
                                                         "app_has_pending_schedules",
                                                         "too_many_schedules",
                                                         "already_due",
                                                         "already_ended",
                                                         "already_held",
                                                         "not_held",
                                                         "not_scheduled",
                                                         "not_under_way",
                                                         "is_a_dependency",
                                                         "dependency_held",
                                                         "dispatch_is_held",
                                                         "dispatch_is_armed",
                                                         "stale_attempt",
                                                         "not_ready",
                                                         "already_member",
                                                         "last_owner",
                                                         "nothing_to_do",
                                                         "credential_name_taken",
                                                         "credential_in_use",
                                                         "quota_exceeded"};
    const auto index = static_cast<std::size_t>(code);
    CHECK(index < kNames.size());
    return kNames[index];
}

Rejection reject(std::vector<FieldError> fields) {
    CHECK(!fields.empty());
    const RejectionCode first = fields.front().code;
    const bool alike = std::all_of(fields.begin(), fields.end(),
                                   [&](const FieldError& field) { return field.code == first; });
    std::string detail = fields.size() == 1
                             ? shortened(fields.front().pointer) + ": " + fields.front().detail
                             : std::to_string(fields.size()) + " fields are not valid";
    return Rejection{
        alike ? first : RejectionCode::invalid_field, std::move(detail), std::move(fields), {}};
}

}  // namespace slipway
