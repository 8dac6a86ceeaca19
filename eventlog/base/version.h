// Which Slipway this is, for --version and for traces.

#pragma once

#include <string>
#include <string_view>

namespace slipway {

// "0.1.0"
std::string_view version_number();

// "slipway-server 0.1.0 (commit 1a2b3c4d5e6f)"; without the commit where the sources had no git.
std::string version_text(std::string_view program);

}  // namespace slipway
