#include "server/http/host.h"

#include <algorithm>

namespace slipway {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_name_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view{"-._~%!$&'()*+,;="}.find(c) != std::string_view::npos;
}

bool is_of_ipv6(char c) {
    return is_hex(c) || c == ':' || c == '.';
}

bool is_port(std::string_view text) {
    return text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

bool is_host(std::string_view text) {
    const bool is_literal = text.starts_with('[');
    const auto end = is_literal ? text.find(']') : text.find(':');
    if (is_literal && end == std::string_view::npos) return false;
    const auto name = is_literal ? text.substr(1, end - 1) : text.substr(0, end);
    const auto rest = text.substr(std::min(is_literal ? end + 1 : end, text.size()));
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return false;
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), is_literal ? is_of_ipv6 : is_name_character);
}

}  // namespace slipway
