#include "eventlog/base/json_writer.h"

#include <array>
#include <charconv>

namespace slipway {

namespace {

// The length of the UTF-8 sequence at the start of `text`, or 0 if there is none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < text.size() && at(i) >= low && at(i) <= high;
    };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

void append_control(std::string& out, unsigned char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
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
            out += "\\u00";
            out += kHex[c >> 4];
            out += kHex[c & 15U];
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
        const std::size_t length = sequence_length(value);
        if (c < 0x80) {
            append_control(out_, c);
        } else if (length == 0) {
            out_ += "\xEF\xBF\xBD";
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
