// Text of protocols, which is ASCII whatever the locale says.

#pragma once

#include <string>
#include <string_view>

namespace slipway {

// A to Z as a to z; all else stays.
std::string lower_case(std::string_view text);

// A token of RFC 9110, 5.6.2: what the name of a header or a method is made of.
bool is_token(std::string_view text);

}  // namespace slipway
