#include "eventlog/base/unicode.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace slipway {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

constexpr std::array<Range, 10> kHidden{{
    {0x0000, 0x001F},    // C0: escape among them
    {0x007F, 0x009F},    // DEL, C1: a terminal may take U+009B for the beginning of a command
    {0x061C, 0x061C},    // Arabic letter mark
    {0x200B, 0x200B},    // a blank without width
    {0x200E, 0x200F},    // marks of direction
    {0x2028, 0x202E},    // separators of lines; embeddings and overrides of direction
    {0x2060, 0x206F},    // word joiner, isolates of direction, deprecated
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFF9, 0xFFFB},    // annotations
    {0xE0000, 0xE007F},  // tags
}};

std::string formatted(const char* format, unsigned value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

}  // namespace

DecodedCharacter first_character(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
    char32_t value = lead & (0x7Fu >> length);
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0) != 0x80) return {};
        value = value << 6 | (byte(at) & 0x3F);
    }
    constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < kLeast[length] || value > 0x10FFFF || is_surrogate) return {};
    return {value, length};
}

std::size_t characters_in(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) {
        text.remove_prefix(std::max<std::size_t>(first_character(text).length, 1));
    }
    return count;
}

bool is_hidden(char32_t code_point) {
    return std::ranges::any_of(kHidden, [&](const Range& range) {
        return code_point >= range.first && code_point <= range.last;
    });
}

char32_t hidden_in(std::string_view text, std::u32string_view allowed) {
    while (!text.empty()) {
        const DecodedCharacter decoded = first_character(text);
        const char32_t found = decoded.code_point;
        const bool good = decoded.length == 0 || !is_hidden(found) ||
                          allowed.find(found) != std::u32string_view::npos;
        if (!good) return found;
        text.remove_prefix(std::max<std::size_t>(decoded.length, 1));
    }
    return 0;
}

std::string code_point_text(char32_t code_point) {
    return formatted("U+%04X", static_cast<unsigned>(code_point));
}

std::string shown_safely(std::string_view text, std::u32string_view allowed) {
    std::string shown;
    while (!text.empty()) {
        const DecodedCharacter decoded = first_character(text);
        const char32_t found = decoded.code_point;
        if (decoded.length == 0) {
            shown += formatted("\\x%02X", static_cast<unsigned char>(text.front()));
        } else if (is_hidden(found) && allowed.find(found) == std::u32string_view::npos) {
            shown += formatted("\\u{%04X}", static_cast<unsigned>(found));
        } else {
            shown += text.substr(0, decoded.length);
        }
        text.remove_prefix(std::max<std::size_t>(decoded.length, 1));
    }
    return shown;
}

}  // namespace slipway
