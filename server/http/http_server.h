// The HTTP server: listens, and gives each client a Connection, which reads requests and writes
// replies, until it has taken too long. All on one io thread.

#pragma once

#include "eventlog/base/result.h"
#include "server/http/listening_socket.h"
#include "server/http/services.h"
#include "server/http/tls.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace slipway {

// Connections at once, if there are descriptors for as many: the log and calls to targets need some
// too. The next few are told that there are too many, and the rest are closed as they come.
inline constexpr std::size_t kConnectionsMax = 20'000;
inline constexpr std::size_t kTurnedAwayMax = 200;
inline constexpr std::size_t kReservedDescriptors = 4'096;

// Bytes of bodies that are being read and of replies that are being written, over all connections:
// what would go over it is answered 503 `overloaded`. So many of a connection are not counted, and
// small requests are answered whoever sends large ones: they have a bound of their own, which is
// that of connections.
inline constexpr std::size_t kHeldBytesMax = 128 * 1024 * 1024;
inline constexpr std::size_t kUncountedBytes = 16 * 1024;

// Seconds that a connection may spend on each part of an exchange.
inline constexpr std::uint32_t kHandshakeSeconds = 10;
inline constexpr std::uint32_t kIdleSeconds = 60;
inline constexpr std::uint32_t kHeadSeconds = 10;
inline constexpr std::uint32_t kBodySeconds = 30;
inline constexpr std::uint32_t kWriteSeconds = 30;
inline constexpr std::uint32_t kLingerSeconds = 5;

// What is silent for longer may have been given up by something between.
inline constexpr std::uint32_t kHeartbeatSeconds = 15;

// How often the files of the certificate are looked at.
inline constexpr std::uint32_t kCertificateSeconds = 60;

class HttpServer {
  public:
    HttpServer(boost::asio::io_context& io, Services& services, IdSource& ids);
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
