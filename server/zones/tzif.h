// A zone file's bytes (TZif, RFC 9636) as rules.

#pragma once

#include "eventlog/base/result.h"
#include "server/domain/zone_rules.h"

#include <string_view>

namespace slipway {

// The largest file that is read; the largest there is has less than 4 KiB.
inline constexpr std::size_t kTzifBytesMax = 256 * 1024;

// Takes versions 1 to 4 and later ones, which must be readable as 4. Of version 2 on, only the
// 64-bit data and the footer count. What follows the footer is left alone, as the format demands.
//
// Errors:
//   corruption   the bytes are not a zone file, end early, or contradict themselves.
//   invalid      they count leap seconds, as the files in right/ do, and so not what clocks show.
Result<ZoneRules> parse_tzif(std::string_view bytes);

}  // namespace slipway
