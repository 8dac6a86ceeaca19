// Who holds the tokens of these tests, and when they are judged.

#pragma once

#include "eventlog/base/time.h"

#include <string_view>

namespace slipway {

inline const Instant kNow = *instant_of("2027-02-10T08:00:00Z");
inline constexpr std::string_view kUser = "user_01h455vb4pex5vsknk084sn02q";

}  // namespace slipway
