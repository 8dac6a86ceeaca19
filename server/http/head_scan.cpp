#include "server/http/head_scan.h"

namespace slipway {

namespace {

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

}  // namespace

std::size_t HeadScan::look(std::string_view bytes) {
    while (at_ < bytes.size() && !whole_ && flaw_.empty()) {
        const char c = bytes[at_++];
        if (after_cr_) {
            after_cr_ = false;
            if (c == '\n') {
                end_line(bytes.substr(line_begin_, at_ - 2 - line_begin_), at_);
            } else {
                flaw_ = "a carriage return stands without a line feed";
            }
        } else if (c == '\r') {
            after_cr_ = true;
        } else if (c == '\n') {
            flaw_ = "a line feed stands without a carriage return";
        } else if (is_control(c)) {
            flaw_ = "there is a control character";
        } else if ((c == ' ' || c == '\t') && at_ - 1 == line_begin_) {
            flaw_ = "a line begins with a space: lines that go on in the next are not read";
        }
    }
    return whole_ ? at_ : 0;
}

void HeadScan::end_line(std::string_view line, std::size_t next) {
    line_begin_ = next;
    if (!line.empty()) {
        ++lines_;
        if (lines_ == 1 && !line.ends_with(" HTTP/1.1") && !line.ends_with(" HTTP/1.0")) {
            flaw_ = "the request line does not end in HTTP/1.1";
        }
    } else if (lines_ > 0) {
        whole_ = true;
    } else if (skipped_ == 0) {
        skipped_ = next;
    } else {
        flaw_ = "empty lines stand before the request line";
    }
}

}  // namespace slipway
