// Tokens of strangers. The bytes are a token as it came; and the claims, and then the header, of
// one that is signed with our key, so that what lies behind the signature is reached too.

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"
#include "server/auth/jwt.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/text.h"
#include "tests/support/fixtures.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

const JwtSettings& settings() {
    static const JwtSettings made{std::string(kJwtSecretBytesMin, 'k'), {}, {}};
    return made;
}

std::string signed_with(std::string_view key, std::string_view header, std::string_view payload) {
    const std::string text = base64url_of(header) + "." + base64url_of(payload);
    return text + "." + base64url_of(bytes_of(hmac_sha256(key, text)));
}

void check_good(const Claims& claims) {
    CHECK(kNoon < claims.expires + kJwtLeeway);
    CHECK(claims.expires < Instant{std::chrono::milliseconds{253'402'300'800'000}});
    // A token of ours says seconds, and no text that is not UTF-8.
    Claims said = claims;
    said.expires = date::floor<Seconds>(claims.expires);
    said.issued_at = kNoon;  // it is issued anew
    if (kNoon >= said.expires + kJwtLeeway) return;
    const auto again = verify(mint(said, settings(), kNoon), settings(), kNoon);
    CHECK(again && *again == said);
}

// Nobody without the key has made it: its signature is the one of its text, bit for bit.
void check_accepted(std::string_view token, const Claims& claims) {
    CHECK(token.size() <= kJwtBytesMax);
    const auto last = token.rfind('.');
    const auto text = token.substr(0, last);
    CHECK(token.substr(last + 1) == base64url_of(bytes_of(hmac_sha256(settings().secret, text))));
    check_good(claims);
}

void check_token(std::string_view token) {
    const auto claims = verify(token, settings(), kNoon);
    if (claims) return check_accepted(token, *claims);
    CHECK(claims.error().code == ErrorCode::invalid);
    // RFC 8725: the reason never holds a part of what was sent.
    // Of what might be a token: any other text may happen to be that of the message.
    const bool might_be = token.size() >= 12 && std::count(token.begin(), token.end(), '.') == 2;
    CHECK(!might_be || claims.error().message.find(token) == std::string::npos);
}

void run(std::string_view bytes) {
    check_token(bytes);
    check_token(signed_with(settings().secret, kHeader, bytes));
    const auto [header, payload] = cut(bytes, '\n');
    check_token(signed_with(settings().secret, header, payload));
    // Another's key opens nothing, whatever header and claims say.
    CHECK(!verify(signed_with(std::string(kJwtSecretBytesMin, 'x'), header, payload), settings(),
                  kNoon));
    CHECK(!verify(base64url_of(header) + "." + base64url_of(payload) + ".", settings(), kNoon));
}

const FuzzTarget kTarget{"jwt", run};

}  // namespace

}  // namespace slipway
