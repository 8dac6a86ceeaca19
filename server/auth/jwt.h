// JSON Web Tokens (RFC 7519), checked as RFC 8725 advises: the algorithm follows from the settings
// and the key and is never taken from the token, and nothing in a token says where a key comes
// from.
//
// There are two kinds. Ours are signed with HS256 and a secret; those of a trusted issuer (OpenID
// Connect) with one of its keys. A token is of the issuer if its "iss" says so, and is then checked
// with the issuer's keys alone; any other with the secret alone. One that names somebody else in
// "iss" or is meant for somebody else by "aud" is refused (RFC 7519, 4.1.1 and 4.1.3).
//
// Pure functions, safe from any thread.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/base/time.h"
#include "server/auth/key_set.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// What makes an admin of whoever an issuer's token is about.
struct AdminClaim {
    std::string name;   // a member of the token, such as groups
    std::string value;  // what it is, or holds, if it is a list
};

// Somebody else whose tokens are good here.
struct TrustedIssuer {
    std::string issuer;                     // "iss" is it, letter by letter
    std::optional<std::string> audience;    // "aud" must be or hold it, where set
    std::optional<AdminClaim> admin_claim;  // without it, the issuer makes no admins
    KeySet keys;
};

struct JwtSettings {
    std::string secret;  // for HS256; at least kJwtSecretBytesMin
    // "iss" and "aud" of our own tokens: "iss" must be it, "aud" must be or hold it. Where one is
    // not set, our own tokens do not have it.
    std::optional<std::string> issuer;
    std::optional<std::string> audience;
    std::optional<TrustedIssuer> trusted = std::nullopt;
};

// What a token says about who bears it. What they may do is looked up for each request.
struct Claims {
    UserId user;                       // "sub"; see user_of_subject()
    std::optional<TeamId> team;        // "team": the only one that the token acts for
    bool admin = false;                // "admin", or the AdminClaim of the issuer
    std::optional<Instant> issued_at;  // "iat"
    Instant expires;                   // "exp"
    std::string token_id;              // "jti"; empty if there is none

    friend bool operator==(const Claims&, const Claims&) = default;
};

// RFC 7518, 3.2: as many bytes as the digest has.
inline constexpr std::size_t kJwtSecretBytesMin = 32;
// No token of ours has a tenth of it; what is longer is not worth a digest.
inline constexpr std::size_t kJwtBytesMax = 8 << 10;
// How far the clocks of two machines may be apart.
inline constexpr Seconds kJwtLeeway{60};

// Errors, with the reason, which holds no part of the token but the "iss" of a foreign issuer:
//   not_found  it is the trusted issuer's, and its key is not known; newer keys may have it
//   invalid    anything else
// Requires: the secret has kJwtSecretBytesMin.
Result<Claims> verify(std::string_view token, const JwtSettings& settings, Instant now);

// Who `subject` of `issuer` is here: the same user for ever, and another for each other pair. It is
// the first 128 bits of SHA-256 over issuer, a zero byte and subject, with the version 8 of RFC
// 9562. A subject that is the id of a user we made (version 7) is that user.
// Requires: no zero byte in `issuer`.
UserId user_of_subject(std::string_view issuer, std::string_view subject);

// A token that says `claims`, issued `now`. "exp" is in whole seconds; "iat" has milliseconds, so
// that a token made just after a revocation is not taken for one made just before it.
// `claims.issued_at` is not read. Requires: the secret has kJwtSecretBytesMin.
std::string mint(const Claims& claims, const JwtSettings& settings, Instant now);

}  // namespace slipway
