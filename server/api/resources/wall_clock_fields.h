// Reads the members of a request that say when: `year` to `minute` or `at` (RFC 9557), with
// `timezone` and `disambiguation`.

#pragma once

#include "server/api/json.h"
#include "server/domain/command.h"

#include <optional>
#include <string>

namespace slipway {

// The wall clock that a PATCH changes.
struct KnownClock {
    LocalTime local;
    std::string timezone;
};

// Members that are absent stay as in `known`; without it they are required. Where one of the five
// numbers is sent, the seconds are 0.
WallClock read_wall_clock(Fields& fields, const std::optional<KnownClock>& known);

}  // namespace slipway
