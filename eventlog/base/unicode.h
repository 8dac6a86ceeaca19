// Characters of Unicode in UTF-8: how many there are, and those that a screen does not show as
// itself.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

// The code point that `text` begins with, and the bytes that it takes: none if that is no UTF-8
// (RFC 3629). Requires: !text.empty().
struct DecodedCharacter {
    char32_t code_point = 0;
    std::size_t length = 0;
};
DecodedCharacter first_character(std::string_view text);

// Code points of `text`, which is what a limit of characters counts. A byte that is no UTF-8 counts
// as one.
std::size_t characters_in(std::string_view text);

// A code point that changes how others are shown, or is not to be seen: controls (C0, DEL, C1),
// separators of lines, marks and overrides of direction, blanks without width, tags. Joiners and
// variation selectors are not among them: languages and emoji are made of them.
bool is_hidden(char32_t code_point);

// The first code point that is hidden, unless it is in `allowed`; 0 if there is none.
char32_t hidden_in(std::string_view text, std::u32string_view allowed = {});

// As people write a code point: U+202E.
std::string code_point_text(char32_t code_point);

// `text` as a terminal may show it: each hidden code point as \u{202E}, and what is no UTF-8 as
// \x9B. Those in `allowed` stay.
std::string shown_safely(std::string_view text, std::u32string_view allowed = {});

}  // namespace slipway
