// What strangers say, made fit to be kept and shown.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

// The beginning of `text` as one line of printable UTF-8 of at most `bytes_max` bytes: runs of
// blanks and control characters become one blank, bytes that are not UTF-8 become `?`, and
// characters that change how others are displayed (controls, directions of writing) are left out.
std::string excerpt_of(std::string_view text, std::size_t bytes_max);

}  // namespace slipway
