// The HttpClient over libcurl, inside an Asio io_context: no thread of its own, except that libcurl
// looks names up in one. Connections are kept and used again.
//
// What it refuses, whatever the caller asks for: redirects, proxies and passwords from the
// environment, other protocols than HTTP, certificates that are not trusted, credentials in a URL,
// and addresses that are not public (see address_filter.h), checked on the address it connects to.
//
// A request leaves at most once. libcurl itself would repeat it, up to five times, if a kept
// connection ends before the first byte of the answer; here that is connection_lost. So that this
// is rare, a connection that was idle for longer than a second is not used again.

#pragma once

#include "eventlog/base/http_client.h"

#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace slipway {

class CurlHttpClient : public HttpClient {
  public:
    struct Options {
        bool allow_http = false;               // without TLS
        bool allow_private_addresses = false;  // loopback, private networks, metadata services …
        long kept_connections_max = 256;       // idle ones, over all targets
        // PEM: who may vouch for certificates, in place of those that the machine trusts.
        std::string ca_file = {};
    };

    // A name is looked up on a thread that nobody can end. A request whose time is over meanwhile
    // is answered when its look-up has ended. So many look-ups of cancelled requests may go on;
    // until one has ended, no further request is sent.
    static constexpr std::size_t kLookUpsLeftMax = 1'000;

    // All calls and answers happen on the one thread that runs `io`, which outlives this. Must not
    // be destroyed from within an answer; requests under way are then given up without one.
    CurlHttpClient(boost::asio::io_context& io, Options options);
    ~CurlHttpClient() override;
    CurlHttpClient(const CurlHttpClient&) = delete;
    CurlHttpClient& operator=(const CurlHttpClient&) = delete;

    std::uint64_t send(HttpRequest request, Done done) override;
    void cancel(std::uint64_t request) override;

  private:
    class Engine;

    std::shared_ptr<Engine> engine_;
};

}  // namespace slipway
