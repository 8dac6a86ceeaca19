// What targets ask of texts.

#pragma once

#include <string_view>
#include <utility>

namespace slipway {

// What stands before the first `mark`, and what stands behind it. Without a mark all stands before.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char mark);

// Whether there is an ASCII control character in it.
bool has_control(std::string_view text);

}  // namespace slipway
