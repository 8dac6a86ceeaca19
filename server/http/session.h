// The HTTP server: listens, reads requests and writes replies (Beast parses; it does not defend, so
// limits, time-outs and what RFC 9112 forbids are checked here). All on one io thread. The only
// door to Beast.

#pragma once

#include "eventlog/base/result.h"
#include "server/http/services.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace slipway {

// Connections at once; more are closed as they come.
inline constexpr std::size_t kConnectionsMax = 20'000;

inline constexpr std::size_t kHeaderBytesMax = 16 * 1024;
inline constexpr std::size_t kBodyBytesMax = 1024 * 1024;
inline constexpr std::size_t kTargetBytesMax = 8 * 1024;

// Seconds that a connection may spend on each part of an exchange.
inline constexpr std::uint32_t kIdleSeconds = 60;
inline constexpr std::uint32_t kHeadSeconds = 10;
inline constexpr std::uint32_t kBodySeconds = 30;
inline constexpr std::uint32_t kWriteSeconds = 30;

// What is silent for longer may have been given up by something between.
inline constexpr std::uint32_t kHeartbeatSeconds = 15;

class HttpServer {
  public:
    HttpServer(boost::asio::io_context& io, Services& services, IdSource& ids);
    ~HttpServer();

    // `address` is an IP address; port 0 takes a free one. Errors: invalid (the address), io (in
    // use).
    Result<void> listen(const std::string& address, std::uint16_t port);
    std::uint16_t port() const;

    std::size_t connections() const;
    std::size_t stream_readers() const;

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
