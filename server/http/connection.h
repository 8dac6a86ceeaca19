// A Connection is one client's: its exchanges, one after another, over TCP or TLS alike. It lives
// as long as an operation of its is under way, and ends by not starting another.
//
//     handshake ─► idle ─► head ─► body ─► answering ─► writing ─► idle …
//     (with TLS)             │       │                     │
//                            └───────┴──── refused ─► writing ─► lingering ─► closed
//                                                          └─► streaming ⇄ writing
//
// Internal to the HTTP server: it drags Asio in.

#pragma once

#include "eventlog/base/clock.h"
#include "server/http/cors.h"
#include "server/http/handler.h"
#include "server/http/request_reader.h"
#include "server/http/tls.h"
#include "server/http/turns.h"
#include "server/http/wire.h"

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace slipway {

// What the connections of a server have in common.
struct Connections {
    Connections(boost::asio::io_context& context, Handler& handles, const Clock& time,
                IdSource& source, const Cors& allowed)
        : io(context), handler(handles), clock(time), ids(source), cors(allowed) {}

    boost::asio::io_context& io;
    Handler& handler;
    const Clock& clock;
    IdSource& ids;
    const Cors& cors;
    std::optional<Tls> tls;
    Turns stream_turns{io, clock, 9};
    // A handshake takes a hundred times as long as a request: a flood of them takes half the
    // thread.
    Turns handshake_turns{io, clock, 1};
    std::uint32_t seconds = 0;  // since the start, roughly
    std::size_t count = 0;
    std::size_t stream_readers = 0;
    std::size_t held_bytes = 0;  // see kHeldBytesMax
    std::function<void()> on_left;
};

class Connection : public Exchange, public std::enable_shared_from_this<Connection> {
  public:
    Connection(Wire::Tcp::socket socket, std::shared_ptr<Connections> all);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override;

    void begin();

    // There are too many: says so, if that is cheap.
    void turn_away();

    // Closes it if it has spent too long on what it is at, or if it is idle and the server stops.
    // For once a second.
    void check(bool stopping);

    const Request& request() const override { return reader_.request(); }
    bool is_open() const override { return wire_.is_open(); }
    void reply(Reply reply) override;

  private:
    // Where it stands. The seconds are counted by one timer for all connections: a timer for each
    // would cost more than the request.
    enum class Phase : std::uint8_t {
        handshake,
        idle,
        head,
        body,
        answering,
        writing,
        streaming,
        lingering
    };
    using ErrorCodeOf = Wire::ErrorCodeOf;

    static std::uint32_t seconds_for(Phase phase);
    void enter(Phase phase);
    void close();

    void read_hello();
    void on_hello_head(ErrorCodeOf error);
    bool has_whole_hello() const;
    void greet();
    void fail_handshake();

    void next_request();
    void advance();
    void read();
    void begin_body();
    void refuse(const Refusal& refusal);
    void last_word(const Reply& reply);
    void send(Reply reply);
    void on_sent();
    void linger();
    void drain();

    void ask_turn();
    void watch();
    void send_piece();
    void rest();
    // Whether a stream has written nothing for so long that a heartbeat is due.
    bool is_silent() const;
    void send_chunk(std::string_view piece, bool last);
    void send_heartbeat();
    template <class Done>
    void write_chunk(std::string_view piece, bool last, Done done);

    // Whether it may hold so many bytes of a request or a reply; then they are counted.
    bool hold(std::size_t bytes);
    void count_held(std::size_t bytes);

    std::shared_ptr<Connections> all_;
    Wire wire_;
    RequestReader reader_;
    std::string out_;   // what is written, and the first bytes of a handshake
    std::string body_;  // of the reply that is written, if it is long; it follows what is in out_
    std::shared_ptr<BodyStream> stream_;
    std::chrono::nanoseconds began_;  // when the head had come, or it did
    std::size_t held_bytes_ = 0;
    std::uint32_t since_ = 0;
    Phase phase_ = Phase::idle;
    bool keep_alive_ = false;
    bool takes_chunks_ = true;
    bool has_ended_ = false;  // the stream: all of it was written
    bool woken_ = false;
    char watched_ = 0;
};

}  // namespace slipway
