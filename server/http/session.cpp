#include "server/http/session.h"

#include "eventlog/base/trace.h"
#include "server/http/problem.h"
#include "server/http/router.h"
#include "server/http/turns.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <charconv>
#include <list>
#include <optional>

namespace slipway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using ErrorCodeOf = boost::system::error_code;

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kRequestIdMax = 128;

// Slipway-Min-Position is waited for this often and long: five seconds in all.
constexpr int kMinPositionTries = 100;
constexpr std::chrono::milliseconds kMinPositionPause{50};

// Where a connection stands. The numbers of seconds are counted by one timer for all connections: a
// timer for each would cost more than the request.
enum class Phase : std::uint8_t { idle, head, body, answering, writing, streaming };

std::uint32_t seconds_for(Phase phase) {
    switch (phase) {
        case Phase::idle:
            return kIdleSeconds;
        case Phase::head:
            return kHeadSeconds;
        case Phase::body:
            return kBodySeconds;
        case Phase::answering:
            return UINT32_MAX;  // the log decides how long
        case Phase::writing:
            return kWriteSeconds;
        case Phase::streaming:
            return UINT32_MAX;  // there may be nothing to say for days
    }
    return kIdleSeconds;
}

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
        case http::verb::head:
            return Method::get;
        case http::verb::post:
            return Method::post;
        case http::verb::put:
            return Method::put;
        case http::verb::patch:
            return Method::patch;
        case http::verb::delete_:
            return Method::remove;
        default:
            return Method::other;
    }
}

std::string_view reason_of(int status) {
    const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
    return {reason.data(), reason.size()};
}

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

using Parser = http::request_parser<http::string_body>;

// The value of a header that is a list: its lines are as good as one (RFC 9110, 5.3).
std::string list_of(const Parser::value_type& head, http::field name) {
    const auto lines = head.equal_range(name);
    std::string list;
    for (auto at = lines.first; at != lines.second; ++at) {
        if (at != lines.first) list += ", ";
        list += view(at->value());
    }
    return list;
}

// What Beast accepts and RFC 9112 does not; nothing if the head is good.
std::optional<std::string> smuggling(const Parser::value_type& head) {
    const auto hosts = head.equal_range(http::field::host);
    const auto count = std::distance(hosts.first, hosts.second);
    if (count > 1 || (count == 0 && head.version() >= 11)) {
        return "there must be one Host header; there are " + std::to_string(count);
    }
    const auto encodings = head.equal_range(http::field::transfer_encoding);
    for (auto at = encodings.first; at != encodings.second; ++at) {
        if (head.version() < 11) return "HTTP/1.0 has no Transfer-Encoding";
        if (!beast::iequals(at->value(), "chunked")) {
            return "Transfer-Encoding is not supported unless it is chunked";
        }
    }
    // Of two, a proxy may have looked at the other.
    for (const std::string_view name :
         {"Authorization", "Content-Type", "Idempotency-Key", "Slipway-Team"}) {
        if (head.count({name.data(), name.size()}) > 1) {
            return "the header " + std::string{name} + " stands twice";
        }
    }
    return std::nullopt;
}

// What a header says of which there are `lines`. One that is there and says nothing is a mistake
// and no wish: a variable that was not set must not take away what it was to protect. A blank
// stands for it, which is no key and no tag.
std::string or_empty(std::string value, std::size_t lines) {
    return value.empty() && lines > 0 ? " " : std::move(value);
}

bool is_request_id(std::string_view id) {
    return !id.empty() && id.size() <= kRequestIdMax &&
           std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// W3C Trace Context: version-trace-parent-flags. One that is not well-formed is as good as none.
bool is_traceparent(std::string_view text) {
    constexpr std::string_view kForm = "00-00000000000000000000000000000000-0000000000000000-00";
    if (text.size() != kForm.size() || text.starts_with("ff")) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (kForm[i] == '-' ? text[i] != '-' : !hex) return false;
    }
    return true;
}

}  // namespace

class Connection;

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
    Impl(asio::io_context& context, Services& parts, IdSource& source)
        : io(context),
          services(parts),
          ids(source),
          acceptor(context),
          clock(context),
          pause(context) {}

    void accept();
    void count_seconds();
    void left();

    asio::io_context& io;
    Services& services;
    IdSource& ids;
    Tcp::acceptor acceptor;
    asio::steady_timer clock;
    asio::steady_timer pause;
    Turns turns{io};
    std::uint32_t seconds = 0;  // since the start, roughly
    std::list<std::weak_ptr<Connection>> connections;
    std::size_t count = 0;
    std::size_t stream_readers = 0;
    bool stopping = false;
    std::function<void()> closed;
};

// One connection and its exchanges, one after another. It lives as long as an operation of its is
// under way, and ends by not starting another.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Tcp::socket socket, std::shared_ptr<HttpServer::Impl> server)
        : socket_(std::move(socket)), server_(std::move(server)) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        if (stream_) --server_->stream_readers;
        server_->left();
    }

    void read_head() {
        parser_.emplace();
        request_ = Request{};
        parser_->header_limit(static_cast<std::uint32_t>(kHeaderBytesMax));
        parser_->body_limit(kBodyBytesMax);
        enter(Phase::idle);
        http::async_read_header(
            socket_, buffer_, *parser_,
            [self = shared_from_this()](ErrorCodeOf error, std::size_t) { self->on_head(error); });
    }

    // Closes it if it has spent too long on what it is at, or if it is idle and the server stops.
    void check(bool stopping) {
        if (phase_ == Phase::idle && parser_ && parser_->got_some()) enter(Phase::head);
        const std::uint32_t seconds = server_->seconds - since_;
        if (phase_ == Phase::streaming && seconds >= kHeartbeatSeconds) return send_heartbeat();
        const bool at_rest = phase_ == Phase::idle || stream_ != nullptr;
        if (seconds > seconds_for(phase_) || (stopping && at_rest)) close();
    }

  private:
    void enter(Phase phase) {
        phase_ = phase;
        since_ = server_->seconds;
    }

    void close() {
        ErrorCodeOf ignored;
        socket_.shutdown(Tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

    void on_head(ErrorCodeOf error) {
        if (error == http::error::end_of_stream || error == asio::error::operation_aborted ||
            error == asio::error::connection_reset || error == asio::error::eof) {
            return;
        }
        began_ = server_->services.clock.monotonic();
        begin_request();
        if (error) return refuse(error);
        if (const auto why = smuggling(parser_->get())) {
            return last_word(problem(request_, 400, "malformed_request", *why));
        }
        if (parser_->get().target().size() > kTargetBytesMax) {
            return last_word(problem(request_, 414, "target_too_long",
                                     "at most " + std::to_string(kTargetBytesMax) + " bytes"));
        }
        const std::string expected = list_of(parser_->get(), http::field::expect);
        if (!lists_only(expected, "100-continue")) {
            return last_word(problem(request_, 417, "expectation_failed",
                                     "Expect is " + expected.substr(0, 60) +
                                         "; 100-continue is all that may be expected"));
        }
        if (parser_->is_done()) return on_body({});
        enter(Phase::body);
        // HTTP/1.0 knows no answer before the answer (RFC 9110, 10.1.1).
        if (!expected.empty() && parser_->get().version() >= 11) {
            asio::async_write(socket_, asio::buffer(kContinue),
                              [self = shared_from_this()](ErrorCodeOf failed, std::size_t) {
                                  if (!failed) self->read_body();
                              });
            return;
        }
        read_body();
    }

    void read_body() {
        http::async_read(
            socket_, buffer_, *parser_,
            [self = shared_from_this()](ErrorCodeOf error, std::size_t) { self->on_body(error); });
    }

    // What can be said of the request before its body is read, or as far as its head could be.
    void begin_request() {
        const auto& head = parser_->get();
        keep_alive_ = head.keep_alive();
        request_.method = method_of(head.method());
        request_.head = head.method() == http::verb::head;
        request_.authorization = read_authorization(view(head[http::field::authorization]));
        request_.content_type = view(head[http::field::content_type]);
        request_.content_encoding = list_of(head, http::field::content_encoding);
        request_.accept = list_of(head, http::field::accept);
        request_.accept_encoding = list_of(head, http::field::accept_encoding);
        request_.if_match =
            or_empty(list_of(head, http::field::if_match), head.count(http::field::if_match));
        request_.if_none_match = list_of(head, http::field::if_none_match);
        request_.last_event_id = view(head["Last-Event-ID"]);
        request_.team = view(head["Slipway-Team"]);
        request_.idempotency_key =
            or_empty(std::string{view(head["Idempotency-Key"])}, head.count("Idempotency-Key"));
        request_.min_position = view(head["Slipway-Min-Position"]);
        if (const auto parent = view(head["traceparent"]); is_traceparent(parent)) {
            request_.traceparent = parent;
        }
        request_.request_id = view(head["X-Request-Id"]);
        if (!is_request_id(request_.request_id)) {
            request_.request_id = base32_of(server_->ids.next(server_->services.clock.now()));
        }
    }

    void on_body(ErrorCodeOf error) {
        if (error) return refuse(error);
        request_.body = std::move(parser_->get().body());
        const std::string target{view(parser_->get().target())};
        if (!parse_target(target, request_)) {
            return last_word(problem(request_, 400, "malformed_request",
                                     "the request target is no path that can be decoded"));
        }
        enter(Phase::answering);
        const auto wanted = min_position();
        if (!wanted) {
            return last_word(problem(request_, 400, "malformed_request",
                                     "Slipway-Min-Position is no position of the log"));
        }
        wait_for(*wanted, 0);
    }

    std::optional<Position> min_position() const {
        const std::string& text = request_.min_position;
        Position position;
        if (text.empty()) return position;
        const char* const end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data(), end, position.value);
        if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
        return position;
    }

    // Answers once the log has come to where the reader knows it to be.
    void wait_for(Position wanted, int tries) {
        if (server_->services.lane.state().position() >= wanted) return answer_request();
        if (tries == kMinPositionTries) {
            Reply late = problem(request_, 503, "not_caught_up",
                                 "the log has not come to Slipway-Min-Position yet");
            late.headers.emplace_back("Retry-After", "1");
            return send(late);
        }
        const auto timer = std::make_shared<asio::steady_timer>(server_->io, kMinPositionPause);
        timer->async_wait([self = shared_from_this(), timer, wanted, tries](ErrorCodeOf) {
            self->wait_for(wanted, tries + 1);
        });
    }

    void answer_request() {
        if (server_->services.draining) keep_alive_ = false;
        Reply reply = answer(request_, server_->services);
        if (reply.stream && parser_->get().version() < 11) {
            return last_word(problem(request_, 400, "malformed_request",
                                     "an answer that goes on needs HTTP/1.1"));
        }
        const Position position = reply.position;
        server_->services.lane.when_durable(
            position,
            [self = shared_from_this(), reply = std::move(reply)](const Result<void>& durable) {
                if (durable) {
                    self->send(reply);
                } else {
                    self->last_word(problem(self->request_, durable.error()));
                }
            });
    }

    // The bytes were no request: say so, and close, since nobody knows where the next one begins.
    void refuse(ErrorCodeOf error) {
        if (error == http::error::body_limit) {
            return last_word(problem(request_, 413, "body_too_large", "at most 1 MiB"));
        }
        if (error == http::error::header_limit) {
            return last_word(problem(request_, 431, "headers_too_large", "at most 16 KiB"));
        }
        if (error.category() != beast::http::make_error_code(http::error::bad_method).category()) {
            return;
        }
        if (error == http::error::partial_message) return;
        last_word(problem(request_, 400, "malformed_request", error.message()));
    }

    void last_word(const Reply& reply) {
        keep_alive_ = false;
        send(reply);
    }

    void send(const Reply& reply) {
        const Services& services = server_->services;
        services.metrics.answered(reply.route, name_of(request_.method), reply.status,
                                  services.clock.monotonic() - began_);
        enter(Phase::writing);
        out_.clear();
        out_ += "HTTP/1.1 ";
        out_ += std::to_string(reply.status);
        out_ += ' ';
        out_ += reason_of(reply.status);
        // RFC 9110, 15.4.5: what is not modified has no body, and says nothing of one.
        if (reply.status != 304) {
            out_ += "\r\nContent-Type: ";
            out_ += reply.content_type;
            if (reply.stream) {
                keep_alive_ = false;
                out_ += "\r\nTransfer-Encoding: chunked";
            } else {
                out_ += "\r\nContent-Length: ";
                out_ += std::to_string(reply.body.size());
            }
        }
        out_ += "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: ";
        out_ += reply.cache_control;
        out_ += "\r\nX-Request-Id: ";
        out_ += request_.request_id;
        out_ += "\r\nSlipway-Position: ";
        out_ += std::to_string(reply.position.value);
        for (const auto& [name, value] : reply.headers) {
            out_ += "\r\n";
            out_ += name;
            out_ += ": ";
            out_ += value;
        }
        if (!keep_alive_) out_ += "\r\nConnection: close";
        out_ += "\r\n\r\n";
        if (!request_.head) {
            out_ += reply.body;
            stream_ = reply.stream;
            if (stream_) ++server_->stream_readers;
        }
        asio::async_write(socket_, asio::buffer(out_),
                          [self = shared_from_this()](ErrorCodeOf error, std::size_t) {
                              if (error) return;
                              if (self->stream_) {
                                  self->watch();
                                  self->ask_turn();
                              } else if (self->keep_alive_) {
                                  self->read_head();
                              } else {
                                  self->linger();
                              }
                          });
    }

    // ---- A reply that goes on

    void ask_turn() {
        server_->turns.ask([weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->send_piece();
        });
    }

    // A reader of a stream has nothing more to say: what comes is its end.
    void watch() {
        buffer_.clear();
        socket_.async_read_some(
            buffer_.prepare(1),
            [self = shared_from_this()](ErrorCodeOf, std::size_t) { self->close(); });
    }

    void send_piece() {
        if (!socket_.is_open()) return;
        std::string piece;
        const auto next = stream_->next(piece);
        if (next == BodyStream::Next::breaks) return close();
        if (!piece.empty()) return send_chunk(piece, next == BodyStream::Next::ends);
        if (next == BodyStream::Next::more) return ask_turn();
        if (next == BodyStream::Next::ends) return send_chunk({}, true);
        rest();
        server_->turns.ask_when_log_grew([weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self) return;
            if (self->phase_ == Phase::streaming) return self->send_piece();
            self->woken_ = true;  // a heartbeat is being sent
        });
    }

    void rest() {
        woken_ = false;
        enter(Phase::streaming);
    }

    // RFC 9112, 7.1: a length in hexadecimal digits, the bytes; at the end a length of 0.
    void send_chunk(std::string_view piece, bool last) {
        write_chunk(piece, last, [self = shared_from_this(), last] {
            if (last) return self->close();
            self->ask_turn();
        });
    }

    void send_heartbeat() {
        write_chunk(stream_->heartbeat(), false, [self = shared_from_this()] {
            if (self->woken_) return self->ask_turn();
            self->rest();
        });
    }

    template <class Done>
    void write_chunk(std::string_view piece, bool last, const Done& done) {
        enter(Phase::writing);
        out_.clear();
        if (!piece.empty()) {
            char digits[16];
            const auto end = std::to_chars(digits, digits + sizeof digits, piece.size(), 16).ptr;
            out_.append(digits, end);
            out_ += "\r\n";
            out_ += piece;
            out_ += "\r\n";
        }
        if (last) out_ += "0\r\n\r\n";
        asio::async_write(socket_, asio::buffer(out_),
                          [self = shared_from_this(), done](ErrorCodeOf error, std::size_t) {
                              if (error) return self->close();
                              done();
                          });
    }

    // Reads on a little after the last word: closing at once would reset the connection, and the
    // client might lose the answer (RFC 9112, 9.6). check() ends it.
    void linger() {
        ErrorCodeOf ignored;
        socket_.shutdown(Tcp::socket::shutdown_send, ignored);
        enter(Phase::head);
        drain();
    }

    void drain() {
        buffer_.clear();
        socket_.async_read_some(buffer_.prepare(4096),
                                [self = shared_from_this()](ErrorCodeOf error, std::size_t) {
                                    if (!error) self->drain();
                                });
    }

    Tcp::socket socket_;
    std::shared_ptr<HttpServer::Impl> server_;
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    Request request_;
    std::string out_;
    std::shared_ptr<BodyStream> stream_;
    bool woken_ = false;
    Phase phase_ = Phase::idle;
    std::uint32_t since_ = 0;
    std::chrono::nanoseconds began_{0};  // when the head had come
    bool keep_alive_ = false;
};

void HttpServer::Impl::accept() {
    acceptor.async_accept([self = shared_from_this()](ErrorCodeOf error, Tcp::socket socket) {
        if (self->stopping) return;
        if (error) {
            // Out of descriptors, most likely: others may free some.
            trace(TraceLevel::warning, "http: accept: " + error.message());
            self->pause.expires_after(std::chrono::seconds{1});
            self->pause.async_wait([self](ErrorCodeOf) {
                if (!self->stopping) self->accept();
            });
            return;
        }
        if (self->count < kConnectionsMax) {
            ErrorCodeOf ignored;
            socket.set_option(Tcp::no_delay{true}, ignored);
            ++self->count;
            const auto connection = std::make_shared<Connection>(std::move(socket), self);
            self->connections.push_back(connection);
            connection->read_head();
        }
        self->accept();
    });
}

void HttpServer::Impl::count_seconds() {
    clock.async_wait([self = shared_from_this()](ErrorCodeOf error) {
        if (error || (self->stopping && self->count == 0)) return;
        ++self->seconds;
        self->connections.remove_if([](const auto& weak) { return weak.expired(); });
        for (const auto& weak : self->connections) {
            if (const auto connection = weak.lock()) connection->check(self->stopping);
        }
        self->clock.expires_at(self->clock.expiry() + std::chrono::seconds{1});
        self->count_seconds();
    });
}

void HttpServer::Impl::left() {
    --count;
    if (stopping && count == 0 && closed) {
        clock.cancel();
        std::exchange(closed, nullptr)();
    }
}

HttpServer::HttpServer(asio::io_context& io, Services& services, IdSource& ids)
    : impl_(std::make_shared<Impl>(io, services, ids)) {}

// Connections may outlive it, and tell when they end; nobody is there any more to hear of it.
HttpServer::~HttpServer() {
    impl_->closed = nullptr;
}

Result<void> HttpServer::listen(const std::string& address, std::uint16_t port) {
    ErrorCodeOf error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) return Error{ErrorCode::invalid, "listen: " + address + " is no IP address"};
    const Tcp::endpoint endpoint{ip, port};
    const auto failed = [&](std::string_view what) {
        return Error{ErrorCode::io, "listen: " + address + ":" + std::to_string(port) + ": " +
                                        std::string{what} + ": " + error.message()};
    };
    if (impl_->acceptor.open(endpoint.protocol(), error)) return failed("open");
    if (impl_->acceptor.set_option(Tcp::acceptor::reuse_address{true}, error)) {
        return failed("reuse");
    }
    if (impl_->acceptor.bind(endpoint, error)) return failed("bind");
    if (impl_->acceptor.listen(asio::socket_base::max_listen_connections, error)) {
        return failed("listen");
    }
    impl_->accept();
    impl_->clock.expires_after(std::chrono::seconds{1});
    impl_->count_seconds();
    return {};
}

std::size_t HttpServer::connections() const {
    return impl_->count;
}

std::size_t HttpServer::stream_readers() const {
    return impl_->stream_readers;
}

void HttpServer::log_grew() {
    impl_->turns.log_grew();
}

std::uint16_t HttpServer::port() const {
    return impl_->acceptor.local_endpoint().port();
}

void HttpServer::stop(std::function<void()> closed) {
    impl_->stopping = true;
    ErrorCodeOf ignored;
    impl_->acceptor.close(ignored);
    impl_->connections.remove_if([](const auto& weak) { return weak.expired(); });
    if (impl_->count == 0) {
        impl_->clock.cancel();
        closed();
        return;
    }
    impl_->closed = std::move(closed);
    for (const auto& weak : impl_->connections) {
        if (const auto connection = weak.lock()) connection->check(true);
    }
}

}  // namespace slipway
