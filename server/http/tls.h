// What the server shows and asks for when it speaks TLS: its certificate and key, from two files,
// which are read again when they change. A pair that is not good never replaces one that is.
//
// Not thread-safe: the io thread's.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/base/time.h"

#include <filesystem>
#include <memory>

namespace boost::asio::ssl {
class context;
}

namespace slipway {

struct TlsFiles {
    std::filesystem::path certificate;  // PEM: the server's own, then those that vouch for it
    std::filesystem::path key;          // PEM, without a passphrase; its owner's alone
};

class Tls {
  public:
    // `now` is for a warning, if the certificate is not good yet or any more.
    // Errors: not_found, invalid (what it holds, or who may read the key), io.
    static Result<Tls> open(TlsFiles files, Instant now);
    Tls(Tls&&) noexcept;
    ~Tls();

    // TLS 1.2 or later, for connections to come.
    boost::asio::ssl::context& context() { return *context_; }

    // Reads the files again. If they are not good, the reason is traced, and all stays as it was.
    void read_again(Instant now);
    // The same, if they changed since they were read.
    void read_changes(Instant now);

  private:
    struct Stamp;

    Tls(TlsFiles files, std::unique_ptr<boost::asio::ssl::context> context);

    TlsFiles files_;
    std::unique_ptr<Stamp> read_;
    std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace slipway
