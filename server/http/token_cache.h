// Remembers tokens that were found good, so that a client that sends the same one with each request
// pays for the check once. What a token allows is looked up anew each time; only the signature and
// the text are remembered, and only until the token expires.

#pragma once

#include "server/auth/jwt.h"

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

class TokenCache {
  public:
    explicit TokenCache(JwtSettings settings) : settings_(std::move(settings)) {}

    // Errors: as verify().
    Result<Claims> verify(std::string_view token, Instant now);

  private:
    // Past this the cache starts afresh: nobody can make it grow with good tokens that they do not
    // have.
    static constexpr std::size_t kTokensMax = 10'000;

    JwtSettings settings_;
    absl::flat_hash_map<std::string, Claims> good_;
};

}  // namespace slipway
