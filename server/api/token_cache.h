// Remembers tokens that were found good, so that a client that sends the same one with each request
// pays for the check once. What a token allows is looked up anew each time; only the signature and
// the text are remembered, and only until the token expires or the issuer's keys are replaced.

#pragma once

#include "server/auth/jwt.h"

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

class TokenCache {
  public:
    // `miss` is called for each token that names a key of the issuer's that is not known.
    explicit TokenCache(
        JwtSettings settings, std::function<void()> miss = [] {})
        : settings_(std::move(settings)), miss_(std::move(miss)) {}

    // Errors: as verify().
    Result<Claims> verify(std::string_view token, Instant now);

    // Whose token it is, if it was verified not long ago, and else nil. Proves nothing.
    UserId known_user(std::string_view token) const;

    // The keys of the trusted issuer, instead of those before: what these signed was good until
    // now. Requires: there is a trusted issuer.
    void replace_keys(KeySet keys);
    // How often replace_keys() was called.
    std::uint64_t key_sets() const { return key_sets_; }

  private:
    // Past this the cache starts afresh: nobody can make it grow with good tokens that they do not
    // have.
    static constexpr std::size_t kTokensMax = 10'000;

    JwtSettings settings_;
    std::optional<JwtSettings> before_;  // with the keys that the last ones replaced
    std::function<void()> miss_;
    absl::flat_hash_map<std::string, Claims> good_;
    std::uint64_t key_sets_ = 0;
};

}  // namespace slipway
