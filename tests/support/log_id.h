// The id of the logs that tests make.

#pragma once

#include "eventlog/base/id.h"

namespace slipway {

inline constexpr Uuid kLogId{7, 7};

}  // namespace slipway
