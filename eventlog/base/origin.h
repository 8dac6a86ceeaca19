// The origin of a URL: whom one speaks with, whatever is asked for (RFC 6454).

#pragma once

#include <string>
#include <string_view>

namespace slipway {

// Scheme, host and port in lower case, without the port that the scheme means anyway:
// https://deploy.example.com. Two URLs of one origin give the same text, and two of different
// origins never do; a text that is no URL is an origin of its own.
std::string origin_of(std::string_view url);

}  // namespace slipway
