// The fields of a scheduled deployment, out of JSON.

#pragma once

#include "projections/schedules.h"
#include "server/api/json.h"
#include "server/domain/command.h"

#include <optional>
#include <vector>

namespace slipway {

ScheduleDeployment read_schedule(const Json& json, std::vector<FieldError>& errors);

// What the schedule of `row` says now with `patch` laid over it (JSON Merge Patch, RFC 7396). The
// time and its zone stay unless another is named; null is no time.
RescheduleDeployment patched_schedule(const Json& patch, const Schedules& schedules, RowIndex row,
                                      std::vector<FieldError>& errors);

RequestDeployment read_deployment_request(const Json& json, std::vector<FieldError>& errors);

}  // namespace slipway
