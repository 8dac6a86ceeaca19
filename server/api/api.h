// The Api answers the requests of an HTTP server with the API. It is where a request waits:
// for a position of the log, for keys of the issuer, and for its turn on the io thread.
//
//     answer ─► position reached? ─► turn ─► Answering ─► key known? ─► Exchange::reply
//                     │ no                                     │ no
//                     └─► waits until the log grows            └─► waits a moment, then asks again
//
// Not thread-safe: the io thread's.

#pragma once

#include "server/api/fair_turns.h"
#include "server/api/router.h"
#include "server/http/handler.h"

#include <cstddef>
#include <map>
#include <memory>
#include <span>

namespace boost::asio {
class io_context;
}

namespace slipway {

class Api : public Handler {
  public:
    // All outlive this.
    Api(boost::asio::io_context& io, Services& services, std::span<const Route> routes);
    ~Api() override;
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    void answer(std::shared_ptr<Exchange> exchange) override;
    Reply refuse(const Request& request, const Refusal& refusal) override;
    Reply refuse(const Request& request, const Error& error) override;
    void when_sendable(const Reply& reply, std::function<void(const Result<void>&)> done) override;
    bool is_draining() const override;
    void answered(std::string_view route, std::string_view method, int status,
                  std::chrono::nanoseconds took) override;
    void handshake_failed() override;

    // Answers the requests that waited for a position that the log has reached.
    void log_grew();

  private:
    struct Pending;
    using PendingRequest = std::shared_ptr<Pending>;

    void wait_for(Position position, const PendingRequest& pending);
    void begin(const PendingRequest& pending);
    void ask_for_turns(const PendingRequest& pending);
    bool take_turn(const PendingRequest& pending);
    bool wait_for_keys(const PendingRequest& pending);

    boost::asio::io_context& io_;
    Services& services_;
    std::span<const Route> routes_;
    FairTurns turns_;
    std::multimap<Position, PendingRequest> waiting_;  // for a position, see Slipway-Min-Position
    std::size_t awaiting_keys_ = 0;
};

}  // namespace slipway
