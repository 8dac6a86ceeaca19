#include "server/http/connection.h"

#include "server/http/limits.h"
#include "server/http/reply_text.h"

#include <boost/asio/read.hpp>

#include <array>
#include <utility>

namespace slipway {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// A record of TLS (RFC 8446, 5.1): its type, its version, its length; the first holds a handshake.
constexpr std::size_t kRecordHeadBytes = 5;
constexpr std::size_t kRecordBytesMax = 16 * 1024;
constexpr unsigned char kHandshakeRecord = 22;
constexpr unsigned char kClientHello = 1;

constexpr std::size_t kDrainBytes = 4096;

Refusal overload(std::string detail) {
    return {503, "overloaded", std::move(detail)};
}

asio::mutable_buffer buffer_of(std::span<char> room) {
    return asio::buffer(room.data(), room.size());
}

}  // namespace

Connection::Connection(Wire::Tcp::socket socket, std::shared_ptr<Connections> all)
    : all_(std::move(all)),
      wire_(std::move(socket)),
      reader_(all_->ids, all_->clock),
      began_(all_->clock.monotonic()) {
    ++all_->count;
}

Connection::~Connection() {
    if (stream_) --all_->stream_readers;
    count_held(0);
    --all_->count;
    all_->on_left();
}

std::uint32_t Connection::seconds_for(Phase phase) {
    switch (phase) {
        case Phase::handshake:
            return kHandshakeSeconds;
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
        case Phase::lingering:
            return kLingerSeconds;
    }
    return kIdleSeconds;
}

void Connection::enter(Phase phase) {
    phase_ = phase;
    since_ = all_->seconds;
}

void Connection::begin() {
    if (all_->tls) return read_hello();
    next_request();
}

void Connection::turn_away() {
    if (all_->tls) return;  // a handshake would be the dearest part
    reader_.name_request();
    refuse(overload("there are too many connections"));
}

void Connection::check(bool stopping) {
    const std::uint32_t seconds = all_->seconds - since_;
    if (phase_ == Phase::streaming && is_silent()) return send_heartbeat();
    const bool at_rest = phase_ == Phase::idle || phase_ == Phase::handshake || stream_ != nullptr;
    if (seconds <= seconds_for(phase_) && !(stopping && at_rest)) return;
    if (phase_ == Phase::handshake) all_->handler.handshake_failed();
    close();
}

void Connection::close() {
    // Without chunks only a reset tells a reader that a stream was cut.
    if (stream_ && !takes_chunks_ && !has_ended_) wire_.reset_at_close();
    wire_.close(shared_from_this());
}

bool Connection::hold(std::size_t bytes) {
    const std::size_t others = all_->held_bytes - held_bytes_;
    if (bytes > kUncountedBytes && others + bytes > kHeldBytesMax) return false;
    count_held(bytes);
    return true;
}

void Connection::count_held(std::size_t bytes) {
    const std::size_t counted = bytes > kUncountedBytes ? bytes : 0;
    all_->held_bytes += counted - held_bytes_;
    held_bytes_ = counted;
}

// ---- The handshake of TLS

// The first record is read before anything is worked out, so that what is worked out can wait for
// its turn, and what is no handshake costs nothing.
void Connection::read_hello() {
    enter(Phase::handshake);
    out_.resize(kRecordHeadBytes);
    asio::async_read(wire_.socket(), asio::buffer(out_),
                     [self = shared_from_this()](ErrorCodeOf error, std::size_t) {
                         self->on_hello_head(error);
                     });
}

void Connection::on_hello_head(ErrorCodeOf error) {
    if (error) return fail_handshake();
    const auto at = [this](std::size_t i) { return static_cast<unsigned char>(out_[i]); };
    const std::size_t length = at(3) * 256U + at(4);
    if (at(0) != kHandshakeRecord || at(1) != 3 || length == 0 || length > kRecordBytesMax) {
        all_->handler.handshake_failed();
        if (out_[0] < 'A' || out_[0] > 'Z') return close();
        reader_.name_request();
        return refuse({400, "malformed_request",
                       "this is a port for TLS, and the request came without: https://"});
    }
    out_.resize(kRecordHeadBytes + length);
    asio::async_read(wire_.socket(), asio::buffer(out_) + kRecordHeadBytes,
                     [self = shared_from_this()](ErrorCodeOf failed, std::size_t) {
                         // What came in two records would be worked out without a turn.
                         if (failed || !self->has_whole_hello()) return self->fail_handshake();
                         self->all_->handshake_turns.ask([self] { self->greet(); });
                     });
}

// RFC 8446, 4: a type and a length of three bytes come before it.
bool Connection::has_whole_hello() const {
    constexpr std::size_t kMessageHeadBytes = 4;
    if (out_.size() < kRecordHeadBytes + kMessageHeadBytes) return false;
    const auto at = [this](std::size_t i) {
        return static_cast<unsigned char>(out_[kRecordHeadBytes + i]);
    };
    const std::size_t length = (at(1) * 256U + at(2)) * 256U + at(3);
    return at(0) == kClientHello && kRecordHeadBytes + kMessageHeadBytes + length <= out_.size();
}

void Connection::greet() {
    if (!wire_.is_open()) return;  // it waited too long
    wire_.greet(all_->tls->context(), asio::buffer(out_),
                [self = shared_from_this()](ErrorCodeOf error) {
                    if (error) return self->fail_handshake();
                    self->next_request();
                });
}

void Connection::fail_handshake() {
    if (!wire_.is_open()) return;  // check() has closed it, and counted
    all_->handler.handshake_failed();
    close();
}

// ---- A request and its reply

void Connection::next_request() {
    reader_.next();
    count_held(0);
    if (out_.capacity() > kUncountedBytes) std::string{}.swap(out_);
    enter(Phase::idle);
    advance();
}

// Reads on in what has come. Of requests that came together one is answered a turn.
void Connection::advance() {
    const auto step = reader_.read();
    if (step == RequestReader::Step::needs_bytes) {
        if (hold(reader_.body_bytes())) return read();
        return refuse(overload("too much is being sent at once"));
    }
    if (phase_ != Phase::body) began_ = all_->clock.monotonic();
    if (step == RequestReader::Step::refused) return refuse(reader_.refusal());
    keep_alive_ = reader_.keeps_alive();
    if (step == RequestReader::Step::has_head) return begin_body();
    enter(Phase::answering);
    all_->handler.answer(shared_from_this());
}

void Connection::read() {
    wire_.read_some(buffer_of(reader_.room()),
                    [self = shared_from_this()](ErrorCodeOf error, std::size_t bytes) {
                        if (error) return self->close();
                        self->reader_.filled(bytes);
                        if (self->phase_ == Phase::idle) self->enter(Phase::head);
                        self->advance();
                    });
}

void Connection::begin_body() {
    enter(Phase::body);
    // None of it is read if it could not be kept.
    const std::size_t announced = reader_.announced_bytes();
    if (announced > kUncountedBytes && all_->held_bytes + announced > kHeldBytesMax) {
        return refuse(overload("too much is being sent at once"));
    }
    if (!reader_.waits_to_be_told()) return advance();
    wire_.write(asio::buffer(kContinue),
                [self = shared_from_this()](ErrorCodeOf error, std::size_t) {
                    if (error) return self->close();
                    self->advance();
                });
}

void Connection::reply(Reply reply) {
    if (all_->handler.is_draining()) keep_alive_ = false;
    takes_chunks_ = !reader_.is_http_1_0();
    reader_.forget_body();
    if (request().method != Method::get) {
        // The reply to a change is always sent: it says what was done, and it is small.
        count_held(reply.body.size());
    } else if (!hold(reply.body.size())) {
        reply = all_->handler.refuse(request(), overload("too much is being read at once"));
    }
    const auto kept = std::make_shared<Reply>(std::move(reply));
    all_->handler.when_sendable(
        *kept, [self = shared_from_this(), kept](const Result<void>& sendable) {
            if (sendable) {
                self->send(std::move(*kept));
            } else {
                self->last_word(self->all_->handler.refuse(self->request(), sendable.error()));
            }
        });
}

void Connection::refuse(const Refusal& refusal) {
    last_word(all_->handler.refuse(request(), refusal));
}

void Connection::last_word(const Reply& reply) {
    keep_alive_ = false;
    send(reply);
}

void Connection::send(Reply reply) {
    all_->handler.answered(reply.route, name_of(request().method), reply.status,
                           all_->clock.monotonic() - began_);
    enter(Phase::writing);
    if (reply.stream) keep_alive_ = false;
    out_.clear();
    append_head(out_, reply, request(), {keep_alive_, wire_.is_tls(), takes_chunks_, &all_->cors});
    if (reply.stream && !request().head) {
        stream_ = reply.stream;
        ++all_->stream_readers;
    }
    auto sent = [self = shared_from_this()](ErrorCodeOf error, std::size_t) {
        if (error) return self->close();
        self->on_sent();
    };
    if (request().head || reply.body.size() <= kUncountedBytes) {
        if (!request().head) out_ += reply.body;
        return wire_.write(asio::buffer(out_), std::move(sent));
    }
    // Copying some 30 MB would take longer than a turn.
    body_ = std::move(reply.body);
    wire_.write(std::array{asio::buffer(std::as_const(out_)), asio::buffer(std::as_const(body_))},
                std::move(sent));
}

void Connection::on_sent() {
    std::string{}.swap(body_);
    if (stream_) {
        watch();
        ask_turn();
    } else if (keep_alive_) {
        next_request();
    } else {
        linger();
    }
}

// Reads on a little after the last word: closing at once would reset the connection, and the client
// might lose the answer (RFC 9112, 9.6). check() ends it.
void Connection::linger() {
    enter(Phase::lingering);
    std::string{}.swap(out_);
    wire_.finish([self = shared_from_this()] { self->drain(); });
}

// Whatever it is: under TLS nobody has to make it out any more.
void Connection::drain() {
    out_.resize(kDrainBytes);
    wire_.socket().async_read_some(asio::buffer(out_),
                                   [self = shared_from_this()](ErrorCodeOf error, std::size_t) {
                                       if (!error) self->drain();
                                   });
}

// ---- A reply that goes on

void Connection::ask_turn() {
    all_->stream_turns.ask([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->send_piece();
    });
}

// A reader of a stream has nothing more to say: what comes is its end.
void Connection::watch() {
    reader_.forget_bytes();
    wire_.read_some(asio::buffer(&watched_, 1),
                    [self = shared_from_this()](ErrorCodeOf, std::size_t) { self->close(); });
}

void Connection::send_piece() {
    if (!wire_.is_open()) return;
    std::string piece;
    const auto next = stream_->next(piece);
    if (next == BodyStream::Next::breaks) return close();
    // A reader that comes back goes on where it was.
    if (!hold(piece.size())) return close();
    if (!piece.empty()) return send_chunk(piece, next == BodyStream::Next::ends);
    if (next == BodyStream::Next::ends) return send_chunk({}, true);
    if (next == BodyStream::Next::more) {
        woken_ = true;
        if (is_silent()) return send_heartbeat();
        phase_ = Phase::answering;  // check() must not write when the next piece may be written
        return ask_turn();
    }
    rest();
    all_->stream_turns.ask_when_log_grew([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        if (self->phase_ == Phase::streaming) return self->send_piece();
        self->woken_ = true;  // a heartbeat is being sent
    });
}

// Not by enter(): a stream whose log grows with what others did is as silent as before.
void Connection::rest() {
    woken_ = false;
    if (out_.capacity() > kUncountedBytes) std::string{}.swap(out_);
    phase_ = Phase::streaming;
}

bool Connection::is_silent() const {
    return all_->seconds - since_ >= kHeartbeatSeconds;
}

void Connection::send_chunk(std::string_view piece, bool last) {
    write_chunk(piece, last, [self = shared_from_this(), last] {
        self->has_ended_ = last;
        if (last) return self->close();
        self->ask_turn();
    });
}

void Connection::send_heartbeat() {
    const auto beat = stream_->heartbeat();
    if (!beat) return send_chunk({}, true);
    write_chunk(*beat, false, [self = shared_from_this()] {
        if (self->woken_) return self->ask_turn();
        self->rest();
    });
}

template <class Done>
void Connection::write_chunk(std::string_view piece, bool last, Done done) {
    enter(Phase::writing);
    out_.clear();
    if (takes_chunks_) {
        append_chunk(out_, piece, last);
    } else {
        out_ += piece;
    }
    wire_.write(asio::buffer(out_), [self = shared_from_this(), done = std::move(done)](
                                        ErrorCodeOf error, std::size_t) {
        if (error) return self->close();
        done();
    });
}

}  // namespace slipway
