// The names that people use for time zones and the IANA database does not have: of Windows, of
// Rails, abbreviations, cities and countries. They serve the refusal of such a name, which says
// what to send instead; none of them is taken for a zone.
//
// The table is made when Slipway is built (zone_names.py), from zone_names.txt, from CLDR's list of
// Windows ids and from the zone database of that machine.

#pragma once

#include "server/domain/zones.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// At most so many zones are named for one name: a country may have dozens.
inline constexpr std::size_t kZonesMeantMax = 3;

// The canonical names of the zones of `zones` that `name` may stand for, the likeliest first. Empty
// if nobody knows. A name that differs from one of the database by blanks, or by a folder of other
// forms of the same zones (posix/, right/), stands for that one.
std::vector<std::string> zones_meant_by(std::string_view name, const Zones& zones);

}  // namespace slipway
