// The port through which the API counts what it does and shows what is counted. All calls belong to
// the io thread.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace slipway {

class Figures {
  public:
    virtual ~Figures() = default;

    // A request was answered, `took` after its head had come. `route` is the pattern of the route,
    // empty if there is none. Requires: both texts are literals.
    virtual void answered(std::string_view route, std::string_view method, int status,
                          std::chrono::nanoseconds took) = 0;

    // A client connected, and the TLS handshake failed.
    virtual void handshake_failed() = 0;

    // Returns all figures, in Prometheus' text format 0.0.4.
    virtual std::string text() = 0;
};

}  // namespace slipway
