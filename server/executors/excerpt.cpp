#include "server/executors/excerpt.h"

#include <cstdint>

namespace slipway {

namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 0;  // 0: not UTF-8 (RFC 3629)
};

Character first_of(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return {lead, 1};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
    std::uint32_t code = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0U) != 0x80) return {};
        code = code << 6 | (next & 0x3FU);
    }
    const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (overlong || surrogate || code > 0x10FFFF) return {};
    return {code, bytes};
}

bool is_blank(std::uint32_t code) {
    return code <= 0x20 || code == 0x7F || (code >= 0x80 && code <= 0xA0) || code == 0x2028 ||
           code == 0x2029;
}

// Unicode's marks and overrides of direction, joiners and the byte order mark.
bool is_invisible(std::uint32_t code) {
    return (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0x061C || code == 0xFEFF;
}

}  // namespace

std::string excerpt_of(std::string_view text, std::size_t bytes_max) {
    std::string line;
    bool blank_due = false;
    while (!text.empty()) {
        const Character next = first_of(text);
        const std::string_view shown = next.bytes == 0 ? "?" : text.substr(0, next.bytes);
        text.remove_prefix(next.bytes == 0 ? 1 : next.bytes);
        if (next.bytes != 0 && is_invisible(next.code)) continue;
        if (next.bytes != 0 && is_blank(next.code)) {
            blank_due = !line.empty();
            continue;
        }
        if (line.size() + (blank_due ? 1 : 0) + shown.size() > bytes_max) break;
        if (blank_due) line += ' ';
        blank_due = false;
        line += shown;
    }
    return line;
}

}  // namespace slipway
