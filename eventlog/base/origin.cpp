#include "eventlog/base/origin.h"

#include "eventlog/base/ascii.h"

#include <algorithm>

namespace slipway {

std::string origin_of(std::string_view url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return std::string{url};
    std::string origin = lower_case(url.substr(0, url.find_first_of("/?#", scheme_end + 3)));
    const bool https = origin.starts_with("https:");
    // The port follows the host, or the bracket that ends an IPv6 address.
    const auto port = origin.find(':', origin.find_last_of("]/"));
    if (port == std::string::npos) return origin;
    auto digits = std::string_view{origin}.substr(port + 1);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    const bool usual = digits.empty() || digits == (https ? "443" : "80");
    return origin.substr(0, port) + (usual ? "" : ":" + std::string{digits});
}

}  // namespace slipway
