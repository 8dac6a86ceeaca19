// A ListeningSocket is a TCP port that was taken and at which nobody is answered yet. A start takes
// it first, so that a port in use is told before anything is made.

#pragma once

#include "eventlog/base/result.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace slipway {

class ListeningSocket {
  public:
    // `text` is ADDRESS:PORT: an IP address, in brackets if it is one of IPv6, or localhost, which
    // is 127.0.0.1. Port 0 takes a free one. Errors: invalid (the text), io (the port is in use).
    static Result<ListeningSocket> bind(boost::asio::io_context& io, const std::string& text);

    // Nobody on another machine can connect to it.
    bool is_loopback() const;
    // 127.0.0.1:8080 or [::1]:8080, with the port that was taken.
    std::string text() const;

    // It can be had once.
    boost::asio::ip::tcp::acceptor take() { return std::move(acceptor_); }

  private:
    ListeningSocket(boost::asio::ip::tcp::acceptor acceptor,
                    const boost::asio::ip::tcp::endpoint& endpoint)
        : acceptor_(std::move(acceptor)), endpoint_(endpoint) {}

    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::endpoint endpoint_;
};

}  // namespace slipway
