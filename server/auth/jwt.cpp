#include "server/auth/jwt.h"

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/base/quote.h"
#include "server/auth/json_object.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace slipway {

namespace {

using Json = nlohmann::json;

Error bad_token(const std::string& why) {
    return {ErrorCode::invalid, "jwt: " + why};
}

// Header, payload and signature, as they are: in base64url.
struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;
};

std::optional<Parts> parts_of(std::string_view token) {
    const auto first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const auto second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    if (token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
    return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                 token.substr(second + 1), token.substr(0, second)};
}

std::optional<Json> decoded(std::string_view part) {
    const auto text = bytes_of_base64url(part);
    return text ? json_object_of(*text) : std::nullopt;
}

// What the header may say beside the algorithm. It is read before the signature is known to be
// good: where it says a key is to be found (jwk, jku, x5u, x5c) is not even looked at.
Result<void> check_header(const Json& header) {
    if (member(header, "crit") != nullptr) return bad_token("a critical extension is not known");
    const Json* const type = member(header, "typ");
    if (type != nullptr && !is_text(type, "JWT") && !is_text(type, "at+jwt")) {
        return bad_token("the type is not JWT");
    }
    return {};
}

// Seconds since 1970, with or without decimals. Nothing if it is no number or out of all reason.
std::optional<Instant> instant_of_date(const Json& json) {
    constexpr double kSecondsMax = 253'402'300'800;  // the year 10000
    if (!json.is_number()) return std::nullopt;
    const auto seconds = json.get<double>();
    if (!std::isfinite(seconds) || seconds < 0 || seconds >= kSecondsMax) return std::nullopt;
    // A millisecond that a double cannot hold exactly is the nearest one.
    constexpr double kHalfAMicrosecond = 0.000'5;
    return Instant{
        Millis{static_cast<std::int64_t>(std::floor(seconds * 1'000 + kHalfAMicrosecond))}};
}

Result<Instant> check_dates(const Json& payload, Instant now) {
    const Json* const expires = member(payload, "exp");
    if (expires == nullptr) return bad_token("exp is missing");
    const auto expires_at = instant_of_date(*expires);
    if (!expires_at) return bad_token("exp is no date");
    if (now >= *expires_at + kJwtLeeway) {
        return bad_token("expired at " + to_text(*expires_at));
    }
    if (const Json* const not_before = member(payload, "nbf")) {
        const auto begins_at = instant_of_date(*not_before);
        if (!begins_at) return bad_token("nbf is no date");
        if (now + kJwtLeeway < *begins_at) {
            return bad_token("not valid before " + to_text(*begins_at));
        }
    }
    return *expires_at;
}

// Our own tokens name us, or nobody. `expected`: who signs them, if that is set.
Result<void> check_own_issuer(const Json* found, const JwtSettings& settings) {
    if (settings.issuer ? is_text(found, *settings.issuer) : found == nullptr) return {};
    const std::string* const name = text_in(found);
    std::string why = found == nullptr  ? "iss is missing"
                      : name == nullptr ? "iss is no text"
                                        : "iss is " + in_quotes(*name);
    if (settings.trusted) {
        why += "; " + in_quotes(settings.trusted->issuer) + " is expected, letter by letter";
    } else {
        why += settings.issuer ? "; " + in_quotes(*settings.issuer) + " is expected"
                               : "; tokens of this server have none";
    }
    return bad_token(why);
}

// RFC 7519, 4.1.3: who is not named in "aud" must refuse the token.
Result<void> check_audience(const Json* found, const std::optional<std::string>& audience) {
    if (audience ? is_or_holds(found, *audience) : found == nullptr) return {};
    return bad_token("aud does not name this server");
}

// What only our own tokens may say.
Result<void> add_own_claims(const Json& payload, const std::string& subject, Claims& claims) {
    const auto user = UserId::parse(subject);
    if (!user) return bad_token("sub is not the id of a user");
    claims.user = *user;
    if (const Json* const admin = member(payload, "admin")) {
        if (!admin->is_boolean()) return bad_token("admin is neither true nor false");
        claims.admin = admin->get<bool>();
    }
    return {};
}

// Who an issuer's token is about. What it says with names of ours ("admin") means nothing here.
void add_issuer_claims(const Json& payload, const std::string& subject,
                       const TrustedIssuer& trusted, Claims& claims) {
    claims.user = user_of_subject(trusted.issuer, subject);
    const auto& admin = trusted.admin_claim;
    claims.admin = admin && is_or_holds(member(payload, admin->name.c_str()), admin->value);
}

Result<Claims> claims_of(const Json& payload, const TrustedIssuer* trusted, Instant expires) {
    Claims claims;
    claims.expires = expires;
    const std::string* const subject = text_in(member(payload, "sub"));
    if (subject == nullptr || subject->empty()) return bad_token("sub is missing");
    if (trusted != nullptr) {
        add_issuer_claims(payload, *subject, *trusted, claims);
    } else if (const auto good = add_own_claims(payload, *subject, claims); !good) {
        return good.error();
    }
    if (const Json* const issued = member(payload, "iat")) {
        claims.issued_at = instant_of_date(*issued);
        if (!claims.issued_at) return bad_token("iat is no date");
    }
    if (const Json* const team = member(payload, "team")) {
        if (team->is_string()) claims.team = TeamId::parse(team->get_ref<const std::string&>());
        if (!claims.team) return bad_token("team is not the id of a team");
    }
    if (const Json* const token_id = member(payload, "jti")) {
        if (!token_id->is_string()) return bad_token("jti is no text");
        claims.token_id = token_id->get<std::string>();
    }
    return claims;
}

Digest signature_of(const JwtSettings& settings, std::string_view signed_text) {
    CHECK(settings.secret.size() >= kJwtSecretBytesMin);
    return hmac_sha256(settings.secret, signed_text);
}

Result<void> check_own_signature(const Parts& parts, const Json& header,
                                 const JwtSettings& settings) {
    if (!is_text(member(header, "alg"), "HS256")) return bad_token("the algorithm is not HS256");
    const auto signature = bytes_of_base64url(parts.signature);
    const Digest expected = signature_of(settings, parts.signed_text);
    if (!signature || !equal_in_constant_time(*signature, bytes_of(expected))) {
        return bad_token("the signature is not ours");
    }
    return {};
}

// The token names its key, and its algorithm must be the one that this key has.
Result<void> check_issuer_signature(const Parts& parts, const Json& header, const KeySet& keys) {
    const std::string* const algorithm = text_in(member(header, "alg"));
    if (algorithm == nullptr) return bad_token("alg is missing");
    std::optional<std::string_view> kid;
    if (const Json* const named = member(header, "kid")) {
        if (!named->is_string()) return bad_token("kid is no text");
        kid = named->get_ref<const std::string&>();
    }
    const auto signature = bytes_of_base64url(parts.signature);
    if (!signature) return bad_token("the signature is not in base64url");
    return keys.verify(kid, *algorithm, parts.signed_text, *signature);
}

}  // namespace

Result<Claims> verify(std::string_view token, const JwtSettings& settings, Instant now) {
    if (token.size() > kJwtBytesMax) return bad_token("longer than any token of ours");
    const auto parts = parts_of(token);
    if (!parts) return bad_token("is not header, payload and signature with a full stop between");
    const auto header = decoded(parts->header);
    if (!header) return bad_token("the header is not an object of JSON in base64url");
    if (const auto good = check_header(*header); !good) return good.error();
    const auto payload = decoded(parts->payload);
    if (!payload) return bad_token("the payload is not an object of JSON in base64url");
    // Whoever lies about the issuer only chooses the key that then does not fit.
    const Json* const issuer = member(*payload, "iss");
    const bool is_issuers = settings.trusted && is_text(issuer, settings.trusted->issuer);
    const TrustedIssuer* const trusted = is_issuers ? &*settings.trusted : nullptr;
    if (trusted == nullptr) {
        // First, so that who misspelled the issuer hears of that and not of a wrong algorithm.
        if (const auto good = check_own_issuer(issuer, settings); !good) return good.error();
    }
    const auto signature = trusted != nullptr
                               ? check_issuer_signature(*parts, *header, trusted->keys)
                               : check_own_signature(*parts, *header, settings);
    if (!signature) return signature.error();
    const auto expires = check_dates(*payload, now);
    if (!expires) return expires.error();
    const Json* const audience = member(*payload, "aud");
    const bool is_any_audience = trusted != nullptr && !trusted->audience;
    if (!is_any_audience) {
        const auto good =
            check_audience(audience, trusted != nullptr ? trusted->audience : settings.audience);
        if (!good) return good.error();
    }
    return claims_of(*payload, trusted, *expires);
}

UserId user_of_subject(std::string_view issuer, std::string_view subject) {
    constexpr std::uint64_t kVersionMask = 0xF000;
    constexpr std::uint64_t kVersion7 = 0x7000;
    constexpr std::uint64_t kVersion8 = 0x8000;
    constexpr std::uint64_t kVariantMask = std::uint64_t{3} << 62;
    constexpr std::uint64_t kVariant = std::uint64_t{2} << 62;
    CHECK(issuer.find('\0') == std::string_view::npos);
    const auto ours = UserId::parse(subject);
    if (ours && (ours->uuid.high & kVersionMask) == kVersion7) return *ours;
    const Digest digest = sha256(std::string{issuer} + '\0', subject);
    Uuid uuid;
    for (std::size_t i = 0; i < 8; ++i) {
        uuid.high = uuid.high << 8 | digest[i];
        uuid.low = uuid.low << 8 | digest[i + 8];
    }
    uuid.high = (uuid.high & ~kVersionMask) | kVersion8;
    uuid.low = (uuid.low & ~kVariantMask) | kVariant;
    return UserId{uuid};
}

namespace {

// Seconds since 1970 with three decimals. Requires: `instant` is not before 1970.
std::string decimal_seconds(Instant instant) {
    constexpr std::int64_t kMillisPerSecond = 1'000;
    const std::int64_t millis = instant.time_since_epoch().count();
    std::string decimals = std::to_string(millis % kMillisPerSecond);
    decimals.insert(0, 3 - decimals.size(), '0');
    return std::to_string(millis / kMillisPerSecond) + "." + decimals;
}

}  // namespace

std::string mint(const Claims& claims, const JwtSettings& settings, Instant now) {
    const auto seconds_of = [](Instant instant) {
        return std::int64_t{date::floor<Seconds>(instant).time_since_epoch().count()};
    };
    std::string payload;
    JsonWriter json{payload};
    json.begin_object();
    if (settings.issuer) json.member("iss", *settings.issuer);
    if (settings.audience) json.member("aud", *settings.audience);
    json.member("sub", claims.user);
    if (claims.team) json.member("team", *claims.team);
    if (claims.admin) json.member("admin", true);
    json.key("iat");
    json.raw(decimal_seconds(now));
    json.member("exp", seconds_of(claims.expires));
    if (!claims.token_id.empty()) json.member("jti", claims.token_id);
    json.end_object();
    std::string token = base64url_of(R"({"alg":"HS256","typ":"JWT"})");
    token += '.' + base64url_of(payload);
    return token + '.' + base64url_of(bytes_of(signature_of(settings, token)));
}

}  // namespace slipway
