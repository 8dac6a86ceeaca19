#include "eventlog/base/ascii.h"

#include <algorithm>

namespace slipway {

std::string lower_case(std::string_view text) {
    std::string lower{text};
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

bool is_token(std::string_view text) {
    const auto is_token_char = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos);
    };
    return !text.empty() && std::ranges::all_of(text, is_token_char);
}

}  // namespace slipway
