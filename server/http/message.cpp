#include "server/http/message.h"

#include "eventlog/base/ascii.h"
#include "server/http/host.h"

#include <algorithm>
#include <optional>

namespace slipway {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (plus_is_space && c == '+') {
            c = ' ';
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return std::nullopt;
        out += c;
    }
    return out;
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Two readers of a path may differ over an encoded character that separates (a proxy matches its
// rules before decoding, or decodes twice) or that needs no encoding (RFC 3986, 2.3). No path of
// the API has one. Requires: decoded(path).
bool has_ambiguous_encoding(std::string_view path) {
    constexpr std::string_view kAmbiguous = "-._~/\\%?#;";
    for (auto i = path.find('%'); i < path.size(); i = path.find('%', i + 3)) {
        const auto c = static_cast<char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
        if (is_letter_or_digit(c) || kAmbiguous.find(c) != std::string_view::npos) return true;
    }
    return false;
}

// The path and query of an http or https URL, as if its host had been said apart; empty if it is
// none. Whom it names does not matter: it came to us. One that names nobody, or a user, is none
// (RFC 9110, 4.2.1 and 4.2.4).
std::string origin_form(std::string_view url) {
    const auto colon = std::min(url.find("://"), url.size());
    const auto scheme = url.substr(0, colon);
    if (!equal_in_any_case(scheme, "http") && !equal_in_any_case(scheme, "https")) return {};
    url.remove_prefix(std::min(colon + 3, url.size()));
    const auto end = std::min(url.find_first_of("/?"), url.size());
    const auto host = url.substr(0, end);
    if (!is_host(host)) return {};
    url.remove_prefix(end);
    return (url.starts_with('/') ? "" : "/") + std::string{url};
}

}  // namespace

std::string read_authorization(std::string_view value) {
    const auto space = std::min(value.find(' '), value.size());
    const auto token = value.substr(std::min(value.find_first_not_of(' ', space), value.size()));
    const bool is_token = equal_in_any_case(value.substr(0, space), "Bearer") && !token.empty();
    return is_token ? "Bearer " + std::string{token} : std::string{value};
}

bool lists_only(std::string_view list, std::string_view word) {
    constexpr std::string_view kBetween = " \t,";
    while (true) {
        list.remove_prefix(std::min(list.find_first_not_of(kBetween), list.size()));
        if (list.empty()) return true;
        const auto comma = list.find(',');
        const auto one = list.substr(0, comma);
        if (!equal_in_any_case(one.substr(0, one.find_last_not_of(kBetween) + 1), word)) {
            return false;
        }
        list.remove_prefix(one.size());
    }
}

std::string_view name_of(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::remove:
            return "DELETE";
        case Method::other:
            return "";
    }
    return "";
}

const std::string* Request::parameter(std::string_view name) const {
    const auto at = std::find_if(query.begin(), query.end(),
                                 [&](const auto& entry) { return entry.first == name; });
    return at == query.end() ? nullptr : &at->second;
}

bool parse_target(std::string_view target, Request& request) {
    request.target = target.starts_with('/') ? std::string{target} : origin_form(target);
    target = request.target;
    if (target.empty()) return false;
    const auto mark = target.find('?');
    auto path = decoded(target.substr(0, mark), false);
    if (!path || has_ambiguous_encoding(target.substr(0, mark))) return false;
    request.path = std::move(*path);
    std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto name = decoded(pair.substr(0, equals), true);
        auto value = decoded(
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
        if (!name || !value) return false;
        request.query.emplace_back(std::move(*name), std::move(*value));
    }
    return true;
}

}  // namespace slipway
