// Reads a URL with the parser of libcurl, which will call it. No name is looked up.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace slipway {

// The host that an http:// or https:// URL calls.
struct CalledUrl {
    bool is_https = true;
    std::string host;                       // as it is connected to; an IPv6 address in brackets
    std::optional<bool> is_public_address;  // nothing: the host is a name
};

// The second: what is wrong with the URL, to be said after its field. A host must be a name of
// labels as DNS has them (and _), or an address in its usual form: 127.0.0.1 is not written 0x7f.1.
std::variant<CalledUrl, std::string> called_by(const std::string& url);

// Why a URL that somebody enters is refused, in words that follow its field; nothing if it is fine.
// Beyond called_by(): it has no space, no user or password, and a port from 1 to 65535 if any.
std::optional<std::string> flaw_of_url(const std::string& url);

// Whether the URL looks as if it carried a secret, which everybody reads who reads the URL: in a
// member of its query (token, key, secret, sig, password, auth or access_token, in any case), or in
// its path, as the webhooks of Slack and Discord do.
bool has_secret(std::string_view url);

}  // namespace slipway
