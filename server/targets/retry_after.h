// How long a target asks us to wait (RFC 9110, 10.2.3).

#pragma once

#include "eventlog/base/time.h"

#include <optional>
#include <string_view>

namespace slipway {

// A longer pause is cut to this: it ends after every start deadline.
inline constexpr Seconds kRetryAfterMax{366 * 86'400};

// `value` in seconds, or as an HTTP date of any of the three forms (RFC 9110, 5.6.7), from 0 to
// kRetryAfterMax. Nothing if it is anything else.
std::optional<Seconds> retry_after_of(std::string_view value, Instant now);

}  // namespace slipway
