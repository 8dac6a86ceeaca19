// Completion of the command line. The scripts of the shells hold no commands: they ask the program
// itself, `slipway completion candidates WORD…`, so that they cannot fall behind it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// What the last of `words`, all that stands behind the program's name, may become.
std::vector<std::string> candidates(const std::vector<std::string>& words);

// The script for bash, zsh or fish; "" for another.
std::string_view completion_script(std::string_view shell);

}  // namespace slipway
