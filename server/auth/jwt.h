// JSON Web Tokens (RFC 7519), signed with HS256, checked as RFC 8725 advises: the algorithm is a
// setting and never taken from the token, and nothing in a token says where a key comes from.
//
// Pure functions, safe from any thread.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

struct JwtSettings {
    std::string secret;                   // for HS256; at least kJwtSecretBytesMin
    std::optional<std::string> issuer;    // "iss" must be it, where set
    std::optional<std::string> audience;  // "aud" must be or hold it, where set
};

// What a token says about who bears it. What they may do is looked up for each request.
struct Claims {
    UserId user;                 // "sub"
    std::optional<TeamId> team;  // "team": the one that is meant where none is named
    bool admin = false;          // "admin"
    Instant expires;             // "exp"
    std::string token_id;        // "jti"; empty if there is none

    friend bool operator==(const Claims&, const Claims&) = default;
};

// RFC 7518, 3.2: as many bytes as the digest has.
inline constexpr std::size_t kJwtSecretBytesMin = 32;
// No token of ours has a tenth of it; what is longer is not worth a digest.
inline constexpr std::size_t kJwtBytesMax = 8 << 10;
// How far the clocks of two machines may be apart.
inline constexpr Seconds kJwtLeeway{60};

// Errors: invalid, with the reason, which never holds a part of the token.
// Requires: the secret has kJwtSecretBytesMin.
Result<Claims> verify(std::string_view token, const JwtSettings& settings, Instant now);

// A token that says `claims`, issued `now`; seconds are the finest that it can say.
// Requires: the secret has kJwtSecretBytesMin.
std::string mint(const Claims& claims, const JwtSettings& settings, Instant now);

}  // namespace slipway
