// The routes of the API: which method and path lead to which handler.

#pragma once

#include "server/api/router.h"

#include <span>
#include <string>

namespace slipway {

std::span<const Route> routes();

// The path at which the target of a deployment reports its end.
std::string completion_path(DeploymentId id);

}  // namespace slipway
