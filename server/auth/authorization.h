// How a target is shown a credential, and the redaction of a text in which it repeats it.
//
// Thread-safe.

#pragma once

#include <string>
#include <string_view>

namespace slipway {

// The header that shows a target its credential.
struct Authorization {
    std::string header;
    std::string value;
    std::string secret;  // `value` is made of it; neither is ever kept
};

// Kept in place of a text that repeats the credential.
inline constexpr std::string_view kWithheld = "withheld: it told the credential";

// Whether `text` repeats a part of the credential: six of its letters or digits in a row, in any
// case, with any blanks, punctuation or escapes between them. For the short texts that are kept:
// takes time in proportion to text and secret together.
bool tells(std::string_view text, const Authorization& authorization);

}  // namespace slipway
