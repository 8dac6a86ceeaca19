// How long a target asks us to wait (RFC 9110, 10.2.3).

#pragma once

#include "eventlog/base/time.h"

#include <optional>
#include <string_view>

namespace slipway {

// What is longer is cut to it: a target may ask for patience, not for a deployment to be forgotten.
inline constexpr Seconds kRetryAfterMax{3'600};

// `value` in seconds or as an HTTP date (of the preferred form), from 0 to kRetryAfterMax. Nothing
// if it is anything else.
std::optional<Seconds> retry_after_of(std::string_view value, Instant now);

}  // namespace slipway
