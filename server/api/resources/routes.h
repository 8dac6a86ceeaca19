// The routes of the API: which method and path lead to which handler.

#pragma once

#include "server/api/router.h"

#include <span>

namespace slipway {

std::span<const Route> routes();

}  // namespace slipway
