// The setting --public-url: where clients and targets reach the server, perhaps through a reverse
// proxy that shows it below a path and takes that path away before it asks the server.

#pragma once

#include "eventlog/base/result.h"

#include <string>
#include <string_view>

namespace slipway {

struct PublicUrl {
    std::string url;   // https://ops.example.com/slipway, with no slash at its end
    std::string path;  // /slipway; empty at the root of a host
};

// Errors: invalid: it is no http:// or https:// URL, has a user, a query or a fragment, or a path
// that two readers may understand differently.
Result<PublicUrl> read_public_url(std::string_view text);

}  // namespace slipway
