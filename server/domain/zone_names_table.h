// The table of zone_names.h, which zone_names.py makes.

#pragma once

#include <cstddef>
#include <string_view>

namespace slipway {

struct ZoneName {
    std::string_view name;   // in lower case, with blanks instead of underscores
    std::string_view zones;  // IANA names, separated by blanks
};

// By name.
extern const ZoneName kZoneNames[];
extern const std::size_t kZoneNamesCount;

}  // namespace slipway
