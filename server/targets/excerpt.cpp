#include "server/targets/excerpt.h"

#include "eventlog/base/unicode.h"

#include <algorithm>

namespace slipway {

namespace {

// Blanks, controls and separators of lines.
bool is_blank(char32_t code_point) {
    return code_point <= 0x20 || (code_point >= 0x7F && code_point <= 0xA0) ||
           code_point == 0x2028 || code_point == 0x2029;
}

}  // namespace

std::string excerpt_of(std::string_view text, std::size_t bytes_max) {
    std::string line;
    bool blank_due = false;
    while (!text.empty()) {
        const DecodedCharacter next = first_character(text);
        const bool is_utf8 = next.length > 0;
        const std::string_view shown = is_utf8 ? text.substr(0, next.length) : "?";
        text.remove_prefix(std::max<std::size_t>(next.length, 1));
        if (is_utf8 && is_blank(next.code_point)) {
            blank_due = !line.empty();
            continue;
        }
        if (is_utf8 && is_hidden(next.code_point)) continue;
        if (line.size() + (blank_due ? 1 : 0) + shown.size() > bytes_max) break;
        if (blank_due) line += ' ';
        blank_due = false;
        line += shown;
    }
    return line;
}

}  // namespace slipway
