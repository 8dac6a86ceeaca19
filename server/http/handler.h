// The Handler is the program behind the HTTP server: it answers requests and knows what is durable.
// The server knows nothing else of that program. All calls belong to the io thread.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/base/strong.h"
#include "server/http/message.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace slipway {

// The reason why the server refuses a request before its handler sees it. `code` is a literal.
struct Refusal {
    int status = 400;
    std::string_view code;
    std::string detail;
};

// One request that waits for its reply. It keeps its connection alive.
class Exchange {
  public:
    virtual ~Exchange() = default;

    virtual const Request& request() const = 0;

    // False once the client has gone: the reply is not needed any more.
    virtual bool is_open() const = 0;

    // Sends `reply` once the log is durable up to reply.position. Call it once at most.
    virtual void reply(Reply reply) = 0;
};

class Handler {
  public:
    virtual ~Handler() = default;

    // Calls exchange->reply(), at once or later.
    virtual void answer(std::shared_ptr<Exchange> exchange) = 0;

    // Returns the reply to a request that is refused, or that fails after it was answered.
    virtual Reply refuse(const Request& request, const Refusal& refusal) = 0;
    virtual Reply refuse(const Request& request, const Error& error) = 0;

    // Calls `done` once `reply` may be sent: the log is durable up to its position, and what must
    // happen before was done. With an error if that cannot be known.
    virtual void when_sendable(const Reply& reply,
                               std::function<void(const Result<void>&)> done) = 0;

    // True while the server stops: a connection is closed after its reply.
    virtual bool is_draining() const = 0;

    // For figures: a reply is about to be written, `took` after the head of its request had come.
    virtual void answered(std::string_view route, std::string_view method, int status,
                          std::chrono::nanoseconds took) = 0;
    // For figures: a client connected, and the TLS handshake failed.
    virtual void handshake_failed() = 0;
};

}  // namespace slipway
