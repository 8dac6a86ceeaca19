// A reply as it is written to a connection (RFC 9112).

#pragma once

#include "server/http/cors.h"
#include "server/http/message.h"

#include <string>
#include <string_view>

namespace slipway {

// What is known of the connection that a reply goes to.
struct ReplyTo {
    bool keeps_alive = false;  // another request may follow
    bool is_tls = false;
    bool takes_chunks = true;  // HTTP/1.0 knows none: there the end of the connection ends a stream
    const Cors* cors = nullptr;  // what pages of other origins may see; null: nothing is said
};

// Appends the head of the reply to `request`.
void append_head(std::string& out, const Reply& reply, const Request& request, const ReplyTo& to);

// Appends a piece of a stream, if there is one, and the end of it after the last, as a connection
// that takes chunks wants it.
void append_chunk(std::string& out, std::string_view piece, bool last);

}  // namespace slipway
