// The POSIX text of a zone, as in the last line of a zone file: EST5EDT,M3.2.0,M11.1.0

#pragma once

#include "eventlog/base/result.h"
#include "server/domain/zone_rules.h"

#include <string_view>

namespace slipway {

// Takes the extensions of RFC 9636, section 3.3.1: names in <>, and changes at -167 to 167 hours.
//
// Errors:
//   invalid   it is anything else, daylight time without rules included. The message begins with
//             the place in `text`.
Result<YearlyRules> parse_posix_zone(std::string_view text);

}  // namespace slipway
