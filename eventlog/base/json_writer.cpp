#include "eventlog/base/json_writer.h"

#include "eventlog/base/unicode.h"

#include <array>
#include <charconv>

namespace slipway {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_unit(std::string& out, std::uint32_t unit) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kHex[unit >> shift & 15U];
}

// Escapes a character that a screen would not show as itself. JSON parsers read the same text.
void append_escaped(std::string& out, char32_t code_point) {
    constexpr char32_t kBeyond = 0x10000;
    if (code_point < kBeyond) return append_unit(out, code_point);
    append_unit(out, 0xD800 + ((code_point - kBeyond) >> 10));
    append_unit(out, 0xDC00 + ((code_point - kBeyond) & 0x3FF));
}

void append_control(std::string& out, unsigned char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            append_unit(out, c);
    }
}

bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

template <class T>
void append_number(std::string& out, T value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

}  // namespace

void JsonWriter::key(std::string_view name) {
    text(name);
    out_ += ':';
    comma_due_ = false;
}

void JsonWriter::text(std::string_view value) {
    comma();
    out_ += '"';
    while (!value.empty()) {
        std::size_t plain = 0;
        while (plain < value.size() && is_plain(value[plain])) ++plain;
        out_.append(value.substr(0, plain));
        value.remove_prefix(plain);
        if (value.empty()) break;
        const auto c = static_cast<unsigned char>(value.front());
        const auto [code_point, length] = first_character(value);
        if (c < 0x80) {
            append_control(out_, c);
        } else if (length == 0) {
            out_ += "\xEF\xBF\xBD";
        } else if (is_hidden(code_point)) {
            append_escaped(out_, code_point);
        } else {
            out_.append(value.substr(0, length));
        }
        value.remove_prefix(length == 0 ? 1 : length);
    }
    out_ += '"';
}

void JsonWriter::number(std::int64_t value) {
    comma();
    append_number(out_, value);
}

void JsonWriter::number(std::uint64_t value) {
    comma();
    append_number(out_, value);
}

void JsonWriter::boolean(bool value) {
    comma();
    out_ += value ? "true" : "false";
}

void JsonWriter::null() {
    comma();
    out_ += "null";
}

void JsonWriter::raw(std::string_view json) {
    comma();
    out_ += json;
}

void JsonWriter::value(Instant instant) {
    comma();
    out_ += '"';
    append_text(out_, instant);
    out_ += '"';
}

void JsonWriter::open(char bracket) {
    comma();
    out_ += bracket;
    comma_due_ = false;
}

void JsonWriter::close(char bracket) {
    out_ += bracket;
    comma_due_ = true;
}

void JsonWriter::comma() {
    if (comma_due_) out_ += ',';
    comma_due_ = true;
}

}  // namespace slipway
