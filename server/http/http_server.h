// The HTTP server: listens, and gives each client a Connection, which reads requests and writes
// replies, until it has taken too long. All on one io thread.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/result.h"
#include "server/http/cors.h"
#include "server/http/handler.h"
#include "server/http/listening_socket.h"
#include "server/http/tls.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace slipway {

class HttpServer {
  public:
    // All outlive this; `cors` says which pages of other origins may read replies.
    HttpServer(boost::asio::io_context& io, Handler& handler, const Clock& clock, IdSource& ids,
               const Cors& cors);
    ~HttpServer();

    // From now on it speaks TLS, and nothing else. Requires: listen() was not called yet.
    void speak_tls(Tls tls);
    // As Tls::read_again(). Requires: it speaks TLS.
    void read_certificate_again();

    // Errors: io (somebody else began to listen there meanwhile).
    Result<void> listen(ListeningSocket socket);

    std::size_t connections() const;
    std::size_t stream_readers() const;
    std::size_t held_bytes() const;  // see kHeldBytesMax

    // Readers of streams are shown what is durable now.
    void log_grew();

    // Accepts nothing more and closes what is idle; `closed` is called, once, when the last
    // exchange is over.
    void stop(std::function<void()> closed);

    struct Impl;

  private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace slipway
