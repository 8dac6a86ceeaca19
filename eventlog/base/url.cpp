#include "eventlog/base/url.h"

#include "eventlog/base/address_filter.h"
#include "eventlog/base/ascii.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace slipway {

namespace {

constexpr std::size_t kHostBytesMax = 253;  // RFC 1035, without the dot at its end
constexpr std::size_t kLabelBytesMax = 63;
constexpr const char* kNoHost =
    "names a host that cannot be: labels of letters, digits, - and _ with dots between them, none "
    "beginning or ending with -, or an address";

using Parsed = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::optional<std::string> part_of(const Parsed& parsed, CURLUPart part, unsigned flags) {
    // The versions of libcurl up to this one leave the text to the caller though they failed, such
    // as a host that has no form in ASCII.
    constexpr unsigned kLeavesText = 0x075801;
    static const unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
    char* text = nullptr;
    if (curl_url_get(parsed.get(), part, &text, flags) != CURLUE_OK) {
        if (version <= kLeavesText) curl_free(text);
        return std::nullopt;
    }
    std::string copy{text};
    curl_free(text);
    return copy;
}

// The host as it is written: what libcurl makes of it may be another.
std::string_view written_host(std::string_view url) {
    auto rest = url.substr(url.find("://") + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (rest.starts_with('[')) return rest.substr(0, rest.find(']') + 1);
    return rest.substr(0, rest.find(':'));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= kLabelBytesMax && !label.starts_with('-') &&
           !label.ends_with('-') && std::ranges::all_of(label, [](char c) {
               return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
           });
}

// The last label of a name is no number: else it could be taken for an address.
bool is_number(std::string_view label) {
    return label.starts_with("0x") || std::ranges::all_of(label, is_digit);
}

// `host`: in lower case and in ASCII.
bool is_name(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty() || host.size() > kHostBytesMax) return false;
    while (true) {
        const auto dot = host.find('.');
        const auto label = host.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == std::string_view::npos) return !is_number(label);
        host.remove_prefix(dot + 1);
    }
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Nothing if `host` is a name.
std::optional<bool> is_public_address(const std::string& host) {
    Ipv4Address four{};
    if (inet_pton(AF_INET, host.c_str(), four.data()) == 1) return is_public(four);
    if (!host.starts_with('[')) return std::nullopt;
    Ipv6Address six{};
    const std::string inner = host.substr(1, host.size() - 2);
    return inet_pton(AF_INET6, inner.c_str(), six.data()) == 1 && is_public(six);
}

bool is_port(std::string_view digits) {
    std::uint32_t port = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, port);
    return parsed.ec == std::errc{} && parsed.ptr == end && port >= 1 && port <= 65'535;
}

constexpr std::array<std::string_view, 7> kSecretNames{"token",    "key",  "secret",      "sig",
                                                       "password", "auth", "access_token"};

// With %XX as the character that it stands for.
std::string unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        unsigned value = 0;
        const char* const digits = text.data() + 1;
        const bool is_escape = text.size() >= 3 && text.front() == '%' &&
                               std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
        out += is_escape ? static_cast<char>(value) : text.front();
        text.remove_prefix(is_escape ? 3 : 1);
    }
    return out;
}

bool is_secret_name(std::string_view name) {
    const std::string plain = lower_case(unescaped(name));
    return std::ranges::find(kSecretNames, plain) != kSecretNames.end();
}

bool is_chat_hook(std::string_view host, std::string_view path) {
    const bool discord = host == "discord.com" || host.ends_with(".discord.com") ||
                         host == "discordapp.com" || host.ends_with(".discordapp.com");
    return (host == "hooks.slack.com" && path.starts_with("/services/")) ||
           (discord && path.starts_with("/api/") &&
            path.find("/webhooks/") != std::string_view::npos);
}

}  // namespace

std::variant<CalledUrl, std::string> called_by(const std::string& url) {
    const std::string lower = lower_case(url.substr(0, 8));
    const bool https = lower.starts_with("https://");
    if (!https && !lower.starts_with("http://")) {
        return "must begin with https:// (or http://, where the settings allow it)";
    }
    const auto written = written_host(url);
    if (written.empty()) return "names no host";
    if (written.find('%') != std::string_view::npos) {
        return "has a % in its host: no escapes and no network interfaces";
    }
    const Parsed parsed{curl_url(), &curl_url_cleanup};
    const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
    if (code != CURLUE_OK) return std::string{"is no URL: "} + curl_url_strerror(code);
    // A name in other letters is called by its form in ASCII.
    const bool ascii = is_ascii(written);
    auto host = part_of(parsed, CURLUPART_HOST, ascii ? 0 : CURLU_PUNYCODE);
    if (!host || part_of(parsed, CURLUPART_ZONEID, 0)) return kNoHost;
    *host = lower_case(*host);
    const auto address = is_public_address(*host);
    if (!address && !is_name(*host)) return kNoHost;
    const bool is_same = lower_case(written) == *host || host->starts_with('[');
    if (!is_same && (ascii || address)) {
        return "names its host in another form than " + *host + "; write that";
    }
    return CalledUrl{https, *host, address};
}

std::optional<std::string> flaw_of_url(const std::string& url) {
    if (url.find(' ') != std::string::npos) return "has a space";
    const auto scheme_end = url.find("://");
    const auto rest =
        std::string_view{url}.substr(scheme_end == std::string::npos ? url.size() : scheme_end + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos) {
        return "carries a user or password, which the log would keep in the clear: store a "
               "credential";
    }
    // The port follows the host, or the bracket that ends an IPv6 address.
    const auto colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
    if (colon != std::string_view::npos && colon > 0 && !is_port(authority.substr(colon + 1))) {
        return "has no port from 1 to 65535 after its host";
    }
    const auto called = called_by(url);
    const auto* const flaw = std::get_if<std::string>(&called);
    return flaw == nullptr ? std::nullopt : std::optional{*flaw};
}

bool has_secret(std::string_view url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return false;
    url = url.substr(0, url.find('#'));
    const auto question = std::min(url.find('?'), url.size());
    const auto begin = scheme_end + 3;
    const auto slash = std::min(url.find('/', begin), question);
    const std::string host = lower_case(written_host(url.substr(0, question)));
    const std::string path = unescaped(url.substr(slash, question - slash));
    if (is_chat_hook(host, path)) return true;
    auto query = url.substr(std::min(question + 1, url.size()));
    while (!query.empty()) {
        const auto member = query.substr(0, query.find_first_of("&;"));
        const auto equals = member.find('=');
        const bool has_value = equals != std::string_view::npos && equals + 1 < member.size();
        if (has_value && is_secret_name(member.substr(0, equals))) return true;
        query.remove_prefix(std::min(member.size() + 1, query.size()));
    }
    return false;
}

}  // namespace slipway
