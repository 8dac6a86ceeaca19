// Quotes input in the answer to it. Every text that a client sent is shown through one of these
// functions, so that no refusal repeats more than kEchoBytesMax bytes of one input.
//
// Thread-safe: there is no state.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

// The most bytes of one input that a refusal shows in all: in a pointer and in two sentences.
inline constexpr std::size_t kEchoBytesMax = 256;
// The most bytes of it in one sentence.
inline constexpr std::size_t kQuotedBytesMax = 60;
// The longest name that stands whole in a pointer, beside one sentence that repeats it.
inline constexpr std::size_t kPointerNameBytesMax = kEchoBytesMax - kQuotedBytesMax - 4;

// The first `bytes_max` bytes of `text`, cut before a UTF-8 character that would not fit. An
// ellipsis follows what was cut.
std::string shortened(std::string_view text, std::size_t bytes_max = kQuotedBytesMax);

// shortened(text) between quotation marks.
std::string in_quotes(std::string_view text);

// `name` as a segment of a JSON Pointer (RFC 6901). A name of more than kPointerNameBytesMax bytes
// is shortened, and the segment then is for people only.
std::string pointer_segment(std::string_view name);

}  // namespace slipway
