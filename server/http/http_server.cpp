#include "server/http/http_server.h"

#include "eventlog/base/trace.h"
#include "server/http/connection.h"
#include "server/http/limits.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <list>
#include <utility>

namespace slipway {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCodeOf = boost::system::error_code;

namespace {

// What a reader does not take waits in the kernel, too, which would keep megabytes for each.
constexpr int kSendBufferBytes = 128 * 1024;

struct Room {
    std::size_t connections = kConnectionsMax;
    std::size_t turned_away = kTurnedAwayMax;  // beside them
};

// With few descriptors, half of them are for connections.
Room room() {
    Room room;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return room;
    const std::size_t descriptors = limit.rlim_cur;
    const std::size_t reserved = std::min(kReservedDescriptors, descriptors / 2);
    room.connections = std::min(room.connections, descriptors - reserved);
    room.turned_away = std::min(room.turned_away, reserved / 8);
    return room;
}

}  // namespace

struct HttpServer::Impl : Connections, std::enable_shared_from_this<HttpServer::Impl> {
    Impl(asio::io_context& context, Handler& handles, const Clock& time, IdSource& source,
         const Cors& allowed)
        : Connections(context, handles, time, source, allowed),
          acceptor(context),
          second(context),
          pause(context) {
        on_left = [this] { left(); };
    }

    void accept();
    void take(Tcp::socket socket);
    void count_seconds();
    void check_all();
    void left();

    Tcp::acceptor acceptor;
    asio::steady_timer second;
    asio::steady_timer pause;
    std::list<std::weak_ptr<Connection>> connections;
    const Room room_for = room();
    bool stopping = false;
    std::function<void()> closed;
};

void HttpServer::Impl::accept() {
    acceptor.async_accept([self = shared_from_this()](ErrorCodeOf error, Tcp::socket socket) {
        if (self->stopping) return;
        if (!error) {
            self->take(std::move(socket));
            return self->accept();
        }
        // Out of descriptors, most likely: others may free some.
        trace(TraceLevel::warning, "http: accept: " + error.message());
        self->pause.expires_after(std::chrono::seconds{1});
        self->pause.async_wait([self](ErrorCodeOf) {
            if (!self->stopping) self->accept();
        });
    });
}

void HttpServer::Impl::take(Tcp::socket socket) {
    if (count >= room_for.connections + room_for.turned_away) return;
    ErrorCodeOf ignored;
    socket.set_option(Tcp::no_delay{true}, ignored);
    socket.set_option(asio::socket_base::send_buffer_size{kSendBufferBytes}, ignored);
    const bool has_room = count < room_for.connections;
    const auto connection = std::make_shared<Connection>(std::move(socket), shared_from_this());
    connections.push_back(connection);
    if (has_room) {
        connection->begin();
    } else {
        connection->turn_away();
    }
}

void HttpServer::Impl::count_seconds() {
    second.async_wait([self = shared_from_this()](ErrorCodeOf error) {
        if (error || (self->stopping && self->count == 0)) return;
        ++self->seconds;
        self->check_all();
        if (self->tls && self->seconds % kCertificateSeconds == 0) {
            self->tls->read_changes(self->clock.now());
        }
        self->second.expires_at(self->second.expiry() + std::chrono::seconds{1});
        self->count_seconds();
    });
}

void HttpServer::Impl::check_all() {
    connections.remove_if([](const auto& weak) { return weak.expired(); });
    for (const auto& weak : connections) {
        if (const auto connection = weak.lock()) connection->check(stopping);
    }
}

void HttpServer::Impl::left() {
    if (stopping && count == 0 && closed) {
        second.cancel();
        std::exchange(closed, nullptr)();
    }
}

HttpServer::HttpServer(asio::io_context& io, Handler& handler, const Clock& clock, IdSource& ids,
                       const Cors& cors)
    : impl_(std::make_shared<Impl>(io, handler, clock, ids, cors)) {}

// Connections may outlive it, and tell when they end; nobody is there any more to hear of it.
HttpServer::~HttpServer() {
    impl_->closed = nullptr;
}

void HttpServer::speak_tls(Tls tls) {
    impl_->tls.emplace(std::move(tls));
}

void HttpServer::read_certificate_again() {
    impl_->tls->read_again(impl_->clock.now());
}

Result<void> HttpServer::listen(ListeningSocket socket) {
    ErrorCodeOf error;
    impl_->acceptor = socket.take();
    if (impl_->acceptor.listen(asio::socket_base::max_listen_connections, error)) {
        return Error{ErrorCode::io, "listen: " + socket.text() + ": " + error.message()};
    }
    impl_->accept();
    impl_->second.expires_after(std::chrono::seconds{1});
    impl_->count_seconds();
    return {};
}

std::size_t HttpServer::connections() const {
    return impl_->count;
}

std::size_t HttpServer::stream_readers() const {
    return impl_->stream_readers;
}

std::size_t HttpServer::held_bytes() const {
    return impl_->held_bytes;
}

void HttpServer::log_grew() {
    impl_->stream_turns.log_grew();
}

void HttpServer::stop(std::function<void()> closed) {
    impl_->stopping = true;
    ErrorCodeOf ignored;
    impl_->acceptor.close(ignored);
    if (impl_->count == 0) {
        impl_->second.cancel();
        closed();
        return;
    }
    impl_->closed = std::move(closed);
    impl_->check_all();
}

}  // namespace slipway
