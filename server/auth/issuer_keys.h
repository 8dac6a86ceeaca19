// IssuerKeys keeps the keys of an issuer fresh: it fetches them (OpenID Connect Discovery 1.0, then
// the JWK Set) at the first tick, again when they get old, and when a token names one that is not
// known. While the issuer does not answer well, the keys that it published last stay in use.
//
// Starts requests and never waits. Not thread-safe: it lives on the thread of its HttpClient.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/http_client.h"
#include "eventlog/base/result.h"
#include "server/auth/key_set.h"

#include <functional>
#include <string>

namespace slipway {

// For how long keys are taken to be fresh: as Cache-Control says, within these.
inline constexpr Seconds kKeysAgeMin{5 * 60};
inline constexpr Seconds kKeysAgeMax{24 * 60 * 60};
inline constexpr Seconds kKeysAgeDefault{60 * 60};
// Between the beginnings of two fetches, however many tokens name keys that nobody knows.
inline constexpr Seconds kKeysFetchPause{10};
// After a fetch that failed, unless a token asks for one.
inline constexpr Seconds kKeysRetryPause{60};
inline constexpr Millis kKeysFetchTimeout{8'000};
// 100 keys of 8,192 bits with their certificates have less.
inline constexpr std::size_t kKeysAnswerBytesMax = 512 << 10;

class IssuerKeys {
  public:
    struct Settings {
        std::string issuer;       // its URL, as its tokens have it in "iss"
        std::string jwks_url;     // where the keys are; empty: the issuer is asked
        bool allow_http = false;  // without TLS, whoever sits between makes the keys
    };

    // `use` is given each set of keys that was fetched. The others outlive this, which gives a
    // request that is under way up when it ends. Requires: check(settings).
    IssuerKeys(HttpClient& client, const Clock& clock, Settings settings,
               std::function<void(KeySet)> use);
    ~IssuerKeys();
    IssuerKeys(const IssuerKeys&) = delete;
    IssuerKeys& operator=(const IssuerKeys&) = delete;

    // Errors: invalid, with what is wrong with a URL.
    static Result<void> check(const Settings& settings);

    // Begins a fetch if it is time for one, and returns when to call it next.
    Instant tick(Instant now);

    // A token named a key that is not known: the next tick fetches, if the last fetch is
    // kKeysFetchPause ago, else a later one will.
    void miss();

  private:
    using Step = void (IssuerKeys::*)(const HttpResponse& response);

    void get(const std::string& url, Step next);
    void read_discovery(const HttpResponse& response);
    void read_keys(const HttpResponse& response);
    void fail(const std::string& why);

    HttpClient& client_;
    const Clock& clock_;
    const Settings settings_;
    std::function<void(KeySet)> use_;
    std::uint64_t request_ = 0;  // the one under way, or 0
    Instant begun_;              // the last fetch
    Instant due_;                // the next one
};

// How long an answer with this Cache-Control (or none) is fresh, within the limits above.
Seconds keys_age_of(const std::string* cache_control);

}  // namespace slipway
