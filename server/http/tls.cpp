#include "server/http/tls.h"

#include "eventlog/base/durable_file.h"
#include "eventlog/base/key_file.h"
#include "eventlog/base/trace.h"

#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace slipway {

namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

namespace {

// A chain of certificates is some kilobytes.
constexpr off_t kFileBytesMax = 1 << 20;

// Of TLS 1.2: keys that are gone when the connection is (RFC 9325, 4.2). Those of 1.3 all are.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* thing) const { Free(thing); }
};
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
struct FreeChain {
    void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};
using Chain = std::unique_ptr<STACK_OF(X509), FreeChain>;
using Time = std::unique_ptr<ASN1_TIME, Freed<ASN1_TIME, ASN1_TIME_free>>;

Error wrong(ErrorCode code, const fs::path& file, const std::string& what) {
    return {code, "tls: " + file.string() + ": " + what};
}

std::string last_reason() {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason == nullptr ? "no reason is known" : reason;
}

Result<std::string> read_checked(const fs::path& file, bool is_secret) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        return wrong(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io, file,
                     std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) return wrong(ErrorCode::invalid, file, "is no file");
    if (const auto exposed = exposure_of(status.st_mode); is_secret && exposed) {
        return wrong(ErrorCode::invalid, file, *exposed);
    }
    if (status.st_size > kFileBytesMax) {
        return wrong(ErrorCode::invalid, file, "has more than 1 MiB");
    }
    return read_file(file);
}

Bio bio_of(const std::string& text) {
    return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

// Nobody is there to be asked.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

struct Pair {
    Certificate certificate;
    Chain chain{sk_X509_new_null()};
    Key key;
};

Result<Pair> read_pair(const TlsFiles& files) {
    const auto chain = read_checked(files.certificate, false);
    if (!chain) return chain.error();
    const auto key = read_checked(files.key, true);
    if (!key) return key.error();
    Pair pair;
    const Bio certificates = bio_of(*chain);
    pair.certificate.reset(PEM_read_bio_X509(certificates.get(), nullptr, no_passphrase, nullptr));
    if (!pair.certificate) {
        ERR_clear_error();
        return wrong(ErrorCode::invalid, files.certificate,
                     "holds no certificate that can be read; accepted is PEM, -----BEGIN "
                     "CERTIFICATE-----, the server's own first, then those that vouch for it");
    }
    while (X509* const next =
               PEM_read_bio_X509(certificates.get(), nullptr, no_passphrase, nullptr)) {
        sk_X509_push(pair.chain.get(), next);
    }
    // The end of the file is one, too.
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        return wrong(ErrorCode::invalid, files.certificate,
                     "its certificate " + std::to_string(sk_X509_num(pair.chain.get()) + 2) +
                         " cannot be read: " + last_reason());
    }
    ERR_clear_error();
    pair.key.reset(PEM_read_bio_PrivateKey(bio_of(*key).get(), nullptr, no_passphrase, nullptr));
    if (!pair.key) {
        ERR_clear_error();
        return wrong(ErrorCode::invalid, files.key,
                     "holds no private key that can be read; accepted is PEM, -----BEGIN PRIVATE "
                     "KEY-----, without a passphrase");
    }
    return pair;
}

void warn_of_dates(const TlsFiles& files, const X509* certificate, Instant now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    const Time at{ASN1_TIME_set(nullptr, seconds)};
    const auto warn = [&](const std::string& what) {
        trace(TraceLevel::warning,
              "tls: " + files.certificate.string() + ": the certificate " + what);
    };
    if (ASN1_TIME_compare(X509_get0_notAfter(certificate), at.get()) < 0) {
        warn("has expired, and clients will refuse it: replace it");
    } else if (ASN1_TIME_compare(X509_get0_notBefore(certificate), at.get()) > 0) {
        warn("is not good yet, and clients will refuse it: is the clock right?");
    }
}

// RFC 7301: of what a client offers, HTTP/1.1, or nothing.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
    static constexpr std::array<unsigned char, 9> kOurs{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* found = nullptr;
    const int agreed =
        SSL_select_next_proto(&found, size, kOurs.data(), kOurs.size(), offered, offered_size);
    *chosen = found;
    return agreed == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<std::unique_ptr<ssl::context>> context_of(const TlsFiles& files, Instant now) {
    const auto pair = read_pair(files);
    if (!pair) return pair.error();
    auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
    SSL_CTX* const native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_cipher_list(native, kCiphers);
    // Who comes back has a ticket; the server remembers nobody.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    if (X509_check_private_key(pair->certificate.get(), pair->key.get()) != 1) {
        ERR_clear_error();
        return wrong(ErrorCode::invalid, files.key,
                     "is not the key of the certificate in " + files.certificate.string());
    }
    if (SSL_CTX_use_cert_and_key(native, pair->certificate.get(), pair->key.get(),
                                 pair->chain.get(), 1) != 1) {
        return wrong(ErrorCode::invalid, files.certificate, last_reason());
    }
    warn_of_dates(files, pair->certificate.get(), now);
    return context;
}

}  // namespace

// Enough to see that a file was replaced or written.
struct Tls::Stamp {
    struct OfFile {
        ino_t inode = 0;
        off_t bytes = 0;
        time_t seconds = 0;
        long nanoseconds = 0;

        bool operator==(const OfFile&) const = default;
    };

    explicit Stamp(const TlsFiles& files)
        : certificate(of(files.certificate)), key(of(files.key)) {}
    bool operator==(const Stamp&) const = default;

    static OfFile of(const fs::path& file) {
        struct stat status {};
        if (::stat(file.c_str(), &status) != 0) return {};
        return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    }

    OfFile certificate;
    OfFile key;
};

Tls::Tls(TlsFiles files, std::unique_ptr<ssl::context> context)
    : files_(std::move(files)), context_(std::move(context)) {}

Tls::Tls(Tls&&) noexcept = default;
Tls::~Tls() = default;

Result<Tls> Tls::open(TlsFiles files, Instant now) {
    // Before they are read: what is written while they are is seen the next time.
    auto stamp = std::make_unique<Stamp>(files);
    auto context = context_of(files, now);
    if (!context) return context.error();
    Tls tls{std::move(files), std::move(*context)};
    tls.read_ = std::move(stamp);
    return tls;
}

void Tls::read_again(Instant now) {
    const Stamp stamp{files_};
    auto context = context_of(files_, now);
    // What the system refuses now it may give the next time.
    if (context || context.error().code != ErrorCode::io) *read_ = stamp;
    if (!context) {
        return trace(TraceLevel::error,
                     context.error().message + "; the certificate from before stays in use");
    }
    // Connections that there are keep theirs.
    context_ = std::move(*context);
    trace(TraceLevel::info, "tls: " + files_.certificate.string() + " was read again");
}

void Tls::read_changes(Instant now) {
    if (!(*read_ == Stamp{files_})) read_again(now);
}

}  // namespace slipway
