// A reply as it is written to a connection (RFC 9112).

#pragma once

#include "server/http/message.h"

#include <string>
#include <string_view>

namespace slipway {

// What is known of the connection that a reply goes to.
struct ReplyTo {
    bool keeps_alive = false;  // another request may follow
    bool is_tls = false;
};

// Appends the reply to `request`: its head and, unless only that was asked for or it is a stream,
// its body.
void append_reply(std::string& out, const Reply& reply, const Request& request, const ReplyTo& to);

// Appends a piece of a stream, if there is one, and the end of it after the last.
void append_chunk(std::string& out, std::string_view piece, bool last);

}  // namespace slipway
