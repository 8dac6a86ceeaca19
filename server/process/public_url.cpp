#include "server/process/public_url.h"

#include "eventlog/base/ascii.h"
#include "eventlog/base/quote.h"
#include "server/http/host.h"

#include <algorithm>

namespace slipway {

namespace {

// Letters, digits and - . _ ~ between single slashes; neither . nor .. as a segment.
bool is_plain_path(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        const bool is_plain = std::all_of(segment.begin(), segment.end(), [](char c) {
            return is_token_char(c) && std::string_view{"!#$%&'*+^`|"}.find(c) == std::string::npos;
        });
        if (segment.empty() || segment == "." || segment == ".." || !is_plain) return false;
        path.remove_prefix(segment.size());
    }
    return true;
}

}  // namespace

Result<PublicUrl> read_public_url(std::string_view text) {
    const Error invalid{ErrorCode::invalid, "public URL: " + in_quotes(text) +
                                                " is not one such as https://ops.example.com or "
                                                "https://ops.example.com/slipway"};
    const std::string lower = lower_case(text);
    if (!lower.starts_with("https://") && !lower.starts_with("http://")) return invalid;
    const auto host_begin = text.find("://") + 3;
    while (text.size() > host_begin && text.ends_with('/')) text.remove_suffix(1);
    const auto path_begin = std::min(text.find('/', host_begin), text.size());
    const auto path = text.substr(path_begin);
    if (!is_host(text.substr(host_begin, path_begin - host_begin))) return invalid;
    if (!is_plain_path(path)) return invalid;
    return PublicUrl{std::string{text}, std::string{path}};
}

}  // namespace slipway
