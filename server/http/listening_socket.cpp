#include "server/http/listening_socket.h"

#include "eventlog/base/ascii.h"

#include <charconv>
#include <optional>
#include <sstream>

namespace slipway {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

std::optional<std::uint16_t> port_of(std::string_view digits) {
    std::uint16_t port = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, port);
    if (digits.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return port;
}

Result<Tcp::endpoint> endpoint_of(const std::string& text) {
    const auto colon = text.rfind(':');
    const auto port = colon == std::string::npos
                          ? std::nullopt
                          : port_of(std::string_view{text}.substr(colon + 1));
    if (!port) {
        return Error{ErrorCode::invalid,
                     "listen: \"" + text +
                         "\" is not ADDRESS:PORT, such as 127.0.0.1:8080; port 0 takes a free one"};
    }
    std::string address = text.substr(0, colon);
    const bool bracketed = address.starts_with('[') && address.ends_with(']');
    if (bracketed) address = address.substr(1, address.size() - 2);
    if (equal_in_any_case(address, "localhost")) address = "127.0.0.1";
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (!error) return Tcp::endpoint{ip, *port};
    return Error{ErrorCode::invalid, "listen: " + address +
                                         " is no IP address; accepted is one of this machine, such "
                                         "as 127.0.0.1 or [::1], or localhost"};
}

}  // namespace

Result<ListeningSocket> ListeningSocket::bind(asio::io_context& io, const std::string& text) {
    const auto endpoint = endpoint_of(text);
    if (!endpoint) return endpoint.error();
    boost::system::error_code error;
    const auto failed = [&](std::string_view what) {
        return Error{ErrorCode::io,
                     "listen: " + text + ": " + std::string{what} + ": " + error.message()};
    };
    Tcp::acceptor acceptor{io};
    if (acceptor.open(endpoint->protocol(), error)) return failed("open");
    if (acceptor.set_option(Tcp::acceptor::reuse_address{true}, error)) return failed("reuse");
    if (acceptor.bind(*endpoint, error)) return failed("bind");
    const auto taken = acceptor.local_endpoint(error);
    if (error) return failed("port");
    return ListeningSocket{std::move(acceptor), taken};
}

bool ListeningSocket::is_loopback() const {
    const auto address = endpoint_.address();
    if (address.is_loopback()) return true;
    return address.is_v6() && address.to_v6().is_v4_mapped() &&
           asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
}

std::string ListeningSocket::text() const {
    std::ostringstream out;
    out << endpoint_;
    return out.str();
}

}  // namespace slipway
