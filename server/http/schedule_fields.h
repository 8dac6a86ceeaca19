// The fields of a scheduled deployment, out of JSON.

#pragma once

#include "projections/schedules.h"
#include "server/domain/command.h"
#include "server/http/json.h"

#include <optional>
#include <vector>

namespace slipway {

ScheduleDeployment read_schedule(const Json& json, std::vector<FieldError>& errors);

// The fields of `json` laid over what the schedule of `row` says now.
RescheduleDeployment read_reschedule(const Json& json, const Schedules& schedules, RowIndex row,
                                     std::vector<FieldError>& errors);

RequestDeployment read_deployment_request(const Json& json, std::vector<FieldError>& errors);

}  // namespace slipway
