// Whether what a stranger says tells a secret that he was shown.

#pragma once

#include "server/executors/executor.h"

#include <string_view>

namespace slipway {

// What is kept in place of a text that does.
inline constexpr std::string_view kWithheld = "withheld: it told the credential";

// Whether `text` has a part of what `authorization` shows: six letters or digits in a row, in
// whatever case, and whatever blanks, punctuation or escapes stand between them. It is for the
// short texts that are kept, and takes as long as text and secret together.
bool tells(std::string_view text, const Authorization& authorization);

}  // namespace slipway
