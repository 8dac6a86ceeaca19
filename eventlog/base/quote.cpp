#include "eventlog/base/quote.h"

namespace slipway {

namespace {

constexpr std::size_t kCharacterBytesMax = 4;  // of UTF-8

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

}  // namespace

std::string shortened(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return std::string{text};
    std::size_t end = bytes_max;
    while (end > 0 && bytes_max - end < kCharacterBytesMax && continues_character(text[end])) --end;
    // Bytes that are no UTF-8 have no boundary to cut at.
    if (continues_character(text[end])) end = bytes_max;
    return std::string{text.substr(0, end)} + "…";
}

std::string in_quotes(std::string_view text) {
    return '"' + shortened(text) + '"';
}

std::string pointer_segment(std::string_view name) {
    const std::string shown =
        shortened(name, name.size() <= kPointerNameBytesMax ? name.size() : kQuotedBytesMax);
    std::string segment;
    for (const char c : shown) {
        if (c == '~') {
            segment += "~0";
        } else if (c == '/') {
            segment += "~1";
        } else {
            segment += c;
        }
    }
    return segment;
}

}  // namespace slipway
