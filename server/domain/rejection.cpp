#include "server/domain/rejection.h"

#include "eventlog/base/check.h"
#include "eventlog/base/quote.h"

#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>

namespace slipway {

RejectionKind kind_of(RejectionCode code) {
    switch (code) {
        case RejectionCode::invalid_field:
        case RejectionCode::invalid_date:
        case RejectionCode::unknown_app:
        case RejectionCode::unknown_credential:
        case RejectionCode::app_archived:
        case RejectionCode::unknown_timezone:
        case RejectionCode::due_in_past:
        case RejectionCode::ambiguous_local_time:
        case RejectionCode::nonexistent_local_time:
        case RejectionCode::offset_not_in_force:
        case RejectionCode::dependency_cycle:
        case RejectionCode::duplicate_dependency:
        case RejectionCode::too_many_dependencies:
            return RejectionKind::invalid;
        case RejectionCode::app_not_found:
        case RejectionCode::schedule_not_found:
        case RejectionCode::deployment_not_found:
        case RejectionCode::team_not_found:
        case RejectionCode::member_not_found:
        case RejectionCode::invitation_not_found:
        case RejectionCode::token_not_found:
        case RejectionCode::credential_not_found:
            return RejectionKind::not_found;
        case RejectionCode::app_name_taken:
        case RejectionCode::app_is_archived:
        case RejectionCode::app_has_pending_schedules:
        case RejectionCode::too_many_schedules:
        case RejectionCode::already_due:
        case RejectionCode::already_ended:
        case RejectionCode::already_held:
        case RejectionCode::not_held:
        case RejectionCode::not_scheduled:
        case RejectionCode::not_under_way:
        case RejectionCode::is_a_dependency:
        case RejectionCode::dependency_held:
        case RejectionCode::dispatch_is_held:
        case RejectionCode::dispatch_is_armed:
        case RejectionCode::stale_attempt:
        case RejectionCode::not_ready:
        case RejectionCode::already_member:
        case RejectionCode::last_owner:
        case RejectionCode::nothing_to_do:
        case RejectionCode::credential_name_taken:
        case RejectionCode::credential_in_use:
        case RejectionCode::quota_exceeded:
            return RejectionKind::conflict;
    }
    return RejectionKind::conflict;
}

std::string_view name_of(RejectionCode code) {
    const char* const name = boost::describe::enum_to_string(code, nullptr);
    CHECK(name != nullptr);
    return name;
}

std::vector<std::string_view> rejection_code_names() {
    std::vector<std::string_view> names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<RejectionCode>>(
        [&](auto described) { names.emplace_back(described.name); });
    return names;
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
