#include "server/http/reply_text.h"

#include <boost/beast/http/status.hpp>

#include <charconv>

namespace slipway {

namespace {

namespace http = boost::beast::http;

// RFC 6797: for a year, who was here once comes by TLS only.
constexpr std::string_view kStrictTransport = "\r\nStrict-Transport-Security: max-age=31536000";

std::string_view reason_of(int status) {
    const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
    return {reason.data(), reason.size()};
}

}  // namespace

void append_head(std::string& out, const Reply& reply, const Request& request, const ReplyTo& to) {
    out += "HTTP/1.1 ";
    out += std::to_string(reply.status);
    out += ' ';
    out += reason_of(reply.status);
    // RFC 9110, 15.4.5 and 8.6: what is not modified, or has no content, says nothing of a body.
    if (reply.status != 304 && reply.status != 204) {
        out += "\r\nContent-Type: ";
        out += reply.content_type;
        if (reply.stream && to.takes_chunks) {
            out += "\r\nTransfer-Encoding: chunked";
        } else if (!reply.stream && !reply.is_head_only) {
            out += "\r\nContent-Length: ";
            out += std::to_string(reply.body.size());
        }
    }
    out += "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: ";
    out += reply.cache_control;
    if (to.is_tls) out += kStrictTransport;
    out += "\r\nX-Request-Id: ";
    out += request.request_id;
    out += "\r\nSlipway-Position: ";
    out += std::to_string(reply.position.value);
    for (const auto& [name, value] : reply.headers) {
        out += "\r\n";
        out += name;
        out += ": ";
        out += value;
    }
    if (to.cors != nullptr) to.cors->append_headers(out, request);
    if (!to.keeps_alive) out += "\r\nConnection: close";
    out += "\r\n\r\n";
}

// RFC 9112, 7.1: a length in hexadecimal digits, the bytes; at the end a length of 0.
void append_chunk(std::string& out, std::string_view piece, bool last) {
    if (!piece.empty()) {
        char digits[16];
        const auto end = std::to_chars(digits, digits + sizeof digits, piece.size(), 16).ptr;
        out.append(digits, end);
        out += "\r\n";
        out += piece;
        out += "\r\n";
    }
    if (last) out += "0\r\n\r\n";
}

}  // namespace slipway
