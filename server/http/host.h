// The name of a host, as URLs and the header Host have it.

#pragma once

#include <string_view>

namespace slipway {

// Whether `text` is a host, or a host and a port: `example.com:8080`, `127.0.0.1`, `[::1]:80` (RFC
// 3986, 3.2.2 and 3.2.3). A port may be empty; a host may not, and names no user.
bool is_host(std::string_view text);

}  // namespace slipway
