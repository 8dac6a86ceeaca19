// Text of protocols, which is ASCII whatever the locale says.

#pragma once

#include <string>
#include <string_view>

namespace slipway {

// A to Z as a to z; all else stays.
constexpr char lower_case(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lower_case(std::string_view text);

// Of ASCII letters; what else there is must be the same.
bool equal_in_any_case(std::string_view one, std::string_view other);

// Without spaces and tabs at its ends.
std::string_view stripped(std::string_view text);

// Cuts the part up to the first `separator` off the beginning of `text`, the separator too, and
// returns it without; without a separator, all of it.
std::string_view cut_off(std::string_view& text, char separator);

bool is_token_char(char c);
// A token of RFC 9110, 5.6.2: what the name of a header or a method is made of.
bool is_token(std::string_view text);

}  // namespace slipway
