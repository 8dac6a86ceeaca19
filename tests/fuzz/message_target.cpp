// Targets and headers of requests, as texts. The first line is a target, the second a header.

#include "eventlog/base/check.h"
#include "server/api/accept.h"
#include "server/api/idempotency.h"
#include "server/http/message.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/text.h"

namespace slipway {

namespace {

std::string encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[byte >> 4];
        out += kHex[byte & 15U];
    }
    return out;
}

// With those characters as they are that a path may not encode.
std::string encoded_path(std::string_view path) {
    std::string out;
    for (const char c : path) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                              (c >= 'A' && c <= 'Z') ||
                              std::string_view{"-._~/\\#;"}.find(c) != std::string_view::npos;
        out += is_plain ? std::string(1, c) : encoded({&c, 1});
    }
    return out;
}

void check_target(std::string_view target) {
    Request request;
    if (!parse_target(target, request)) return;
    CHECK(request.target.starts_with('/') && request.path.starts_with('/'));
    CHECK(!has_control(request.path));
    std::string again = encoded_path(request.path) + "?";
    for (const auto& [name, value] : request.query) {
        CHECK(!has_control(name) && !has_control(value));
        CHECK(request.parameter(name) != nullptr);
        again += encoded(name) + "=" + encoded(value) + "&";
    }
    Request same;
    CHECK(parse_target(again, same));
    CHECK(same.path == request.path && same.query == request.query);
    // A proxy may say the host too.
    Request whole;
    CHECK(parse_target("http://localhost" + request.target, whole));
    CHECK(whole.path == request.path && whole.query == request.query);
}

void check_header(std::string_view value) {
    const std::string read = read_authorization(value);
    CHECK(read_authorization(read) == read);
    CHECK(read.size() <= value.size());
    if (lists_only(value, "identity")) {
        CHECK(lists_only(std::string{value} + ", Identity ,", "identity"));
        CHECK(!lists_only(std::string{value} + ", gzip", "identity"));
    }
    // What comes last is of no other range than what came before it.
    const std::string accepted = "application/json, " + std::string{value};
    CHECK(accepts(accepted, "application/json") || value.find('q') != std::string_view::npos ||
          value.find('Q') != std::string_view::npos);
    if (is_idempotency_key(value)) CHECK(!value.empty() && value.size() <= 255);
}

void run(std::string_view bytes) {
    const auto [target, header] = cut(bytes, '\n');
    check_target(target);
    check_header(header);
}

const FuzzTarget kTarget{"message", run};

}  // namespace

}  // namespace slipway
