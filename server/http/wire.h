// A Wire is what a connection reads from and writes to: TCP, or TLS over it. Who uses it sees no
// difference. Beside one read and one write nothing may be under way.
//
// Internal to the HTTP server: it drags Asio in.

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <utility>

namespace slipway {

class Wire {
  public:
    using Tcp = boost::asio::ip::tcp;
    using ErrorCodeOf = boost::system::error_code;

    explicit Wire(Tcp::socket socket) : socket_(std::move(socket)) {}

    Tcp::socket& socket() { return socket_; }
    bool is_tls() const { return is_greeted_; }
    bool is_open() const { return socket_.is_open(); }

    // Becomes TLS. `hello` is what was read for that already; it is worked on at once.
    // done(error)
    template <class Done>
    void greet(boost::asio::ssl::context& context, boost::asio::const_buffer hello, Done done) {
        tls_ = std::make_unique<TlsStream>(socket_, context);
        tls_->async_handshake(
            TlsStream::server, hello,
            [this, done = std::move(done)](ErrorCodeOf error, std::size_t) mutable {
                is_greeted_ = !error;
                done(error);
            });
    }

    // done(error, bytes)
    template <class Done>
    void read_some(boost::asio::mutable_buffer room, Done done) {
        if (tls_) return tls_->async_read_some(room, std::move(done));
        socket_.async_read_some(room, std::move(done));
    }

    // done(error, bytes), once all is written. `bytes` is a buffer, or several that follow one
    // another.
    template <class Buffers, class Done>
    void write(const Buffers& bytes, Done done) {
        if (tls_) return boost::asio::async_write(*tls_, bytes, std::move(done));
        boost::asio::async_write(socket_, bytes, std::move(done));
    }

    // Says that nothing more will be written. done() is called once that is said, or cannot be; and
    // with TLS not before the other side said so, too, or sent something else.
    template <class Done>
    void finish(Done done) {
        auto shut = [this, done = std::move(done)](ErrorCodeOf) mutable {
            ErrorCodeOf ignored;
            socket_.shutdown(Tcp::socket::shutdown_send, ignored);
            done();
        };
        if (!std::exchange(is_greeted_, false)) return shut({});
        tls_->async_shutdown(std::move(shut));
    }

    // From now on close() resets the connection: the other side must not take it for a good end.
    void reset_at_close() {
        ErrorCodeOf ignored;
        socket_.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
        is_reset_ = true;
    }

    // Closes it. With TLS the other side is told, if there is room for that; `owner` is kept until
    // it is over.
    void close(std::shared_ptr<void> owner) {
        if (std::exchange(is_greeted_, false) && !is_reset_) {
            tls_->async_shutdown([owner = std::move(owner)](ErrorCodeOf) {});
        }
        ErrorCodeOf ignored;
        if (!is_reset_) socket_.shutdown(Tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

  private:
    using TlsStream = boost::asio::ssl::stream<Tcp::socket&>;

    Tcp::socket socket_;
    std::unique_ptr<TlsStream> tls_;
    bool is_reset_ = false;
    bool is_greeted_ = false;  // the handshake is over, and no good-bye was said
};

}  // namespace slipway
