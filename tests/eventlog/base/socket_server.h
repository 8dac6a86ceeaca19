// A server of a few lines on a free port of the loopback, for tests of clients: it answers each
// request with the bytes that the test says, well-formed or not. Runs on the test's own io_context.

#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace slipway {

class SocketServer {
  public:
    enum class Then { keep, close, reset, hang };
    struct Reply {
        std::string bytes;
        Then then = Then::keep;
    };
    using Answer = std::function<Reply(const std::string& request)>;

    SocketServer(boost::asio::io_context& io, Answer answer)
        : acceptor_(io, {boost::asio::ip::address_v4::loopback(), 0}), answer_(std::move(answer)) {
        accept();
    }

    std::string url(const std::string& path = "/") const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
    }
    std::size_t connections() const { return connections_; }
    const std::vector<std::string>& requests() const { return requests_; }
    void close() {
        acceptor_.close();
        for (const auto& session : sessions_) {
            boost::system::error_code ignored;
            session->socket.close(ignored);
        }
    }

  private:
    using Tcp = boost::asio::ip::tcp;
    struct Session {
        explicit Session(Tcp::socket socket_of_client) : socket(std::move(socket_of_client)) {}

        Tcp::socket socket;
        std::array<char, 4096> buffer{};
        std::string bytes;
        Reply reply;
    };

    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, Tcp::socket socket) {
            if (error) return;
            ++connections_;
            sessions_.push_back(std::make_shared<Session>(std::move(socket)));
            read(sessions_.back());
            accept();
        });
    }

    void read(const std::shared_ptr<Session>& session) {
        session->socket.async_read_some(
            boost::asio::buffer(session->buffer),
            [this, session](boost::system::error_code error, std::size_t count) {
                if (error) return;
                session->bytes.append(session->buffer.data(), count);
                if (is_complete(session->bytes)) {
                    answer(session);
                } else {
                    read(session);
                }
            });
    }

    static bool is_complete(const std::string& request) {
        const auto head = request.find("\r\n\r\n");
        if (head == std::string::npos) return false;
        const auto at = request.find("Content-Length: ");
        const std::size_t length = at < head ? std::stoul(request.substr(at + 16)) : 0;
        return request.size() >= head + 4 + length;
    }

    void answer(const std::shared_ptr<Session>& session) {
        requests_.push_back(std::exchange(session->bytes, {}));
        session->reply = answer_(requests_.back());
        boost::asio::async_write(
            session->socket, boost::asio::buffer(session->reply.bytes),
            [this, session](boost::system::error_code error, std::size_t) {
                if (error) return;
                if (session->reply.then == Then::keep) read(session);
                if (session->reply.then == Then::reset) {
                    session->socket.set_option(boost::asio::socket_base::linger(true, 0));
                }
                if (session->reply.then == Then::reset || session->reply.then == Then::close) {
                    session->socket.close();
                }
            });
    }

    Tcp::acceptor acceptor_;
    Answer answer_;
    std::size_t connections_ = 0;
    std::vector<std::string> requests_;
    std::vector<std::shared_ptr<Session>> sessions_;
};

// An answer with `body`, of the connection to be kept.
inline std::string http_answer(const std::string& body, const std::string& status = "200 OK",
                               const std::string& headers = "") {
    return "HTTP/1.1 " + status + "\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace slipway
