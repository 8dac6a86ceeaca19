#include "server/auth/jwt.h"

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"
#include "eventlog/base/json_writer.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>
#include <vector>

namespace slipway {

namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 8;  // of JSON in a token; ours have 1

Error refused(const std::string& why) {
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

// A JSON object of which no part says two things: of equal names a library picks the first or the
// last as it likes (RFC 8725, 2.4), so they are refused at every depth.
std::optional<Json> object_of(std::string_view text) {
    std::vector<std::set<std::string>> names;  // seen in the object that is open at each depth
    bool acceptable = true;
    const auto look = [&](int depth, Json::parse_event_t event, const Json& parsed) {
        const auto level = static_cast<std::size_t>(depth);
        if (depth > kDepthMax) acceptable = false;
        if (event == Json::parse_event_t::object_start) {
            names.resize(level + 1);
            names.emplace_back();
        } else if (event == Json::parse_event_t::key) {
            acceptable &= names[level].insert(parsed.get<std::string>()).second;
        }
        return acceptable;
    };
    Json json = Json::parse(text.begin(), text.end(), look, false);
    if (!acceptable || !json.is_object()) return std::nullopt;
    return json;
}

std::optional<Json> decoded(std::string_view part) {
    const auto text = bytes_of_base64url(part);
    return text ? object_of(*text) : std::nullopt;
}

const Json* member(const Json& object, const char* name) {
    const auto at = object.find(name);
    return at == object.end() ? nullptr : &*at;
}

bool is_text(const Json* json, std::string_view expected) {
    return json != nullptr && json->is_string() && json->get_ref<const std::string&>() == expected;
}

// What the header may say. It is read before the signature is known to be good: whatever it says of
// keys (jwk, jku, x5u, x5c, kid) is not even looked at.
Result<void> check_header(const Json& header) {
    if (!is_text(member(header, "alg"), "HS256")) return refused("the algorithm is not HS256");
    if (member(header, "crit") != nullptr) return refused("a critical extension is not known");
    const Json* const type = member(header, "typ");
    if (type != nullptr && !is_text(type, "JWT") && !is_text(type, "at+jwt")) {
        return refused("the type is not JWT");
    }
    return {};
}

// Seconds since 1970, with or without decimals. Nothing if it is no number or out of all reason.
std::optional<Instant> instant_of_date(const Json& json) {
    constexpr double kSecondsMax = 253'402'300'800;  // the year 10000
    if (!json.is_number()) return std::nullopt;
    const auto seconds = json.get<double>();
    if (!std::isfinite(seconds) || seconds < 0 || seconds >= kSecondsMax) return std::nullopt;
    return Instant{Millis{static_cast<std::int64_t>(std::floor(seconds * 1'000))}};
}

Result<Instant> check_dates(const Json& payload, Instant now) {
    const Json* const expires = member(payload, "exp");
    if (expires == nullptr) return refused("exp is missing");
    const auto expires_at = instant_of_date(*expires);
    if (!expires_at) return refused("exp is no date");
    if (now >= *expires_at + kJwtLeeway) {
        return refused("expired at " + to_text(*expires_at));
    }
    if (const Json* const not_before = member(payload, "nbf")) {
        const auto begins_at = instant_of_date(*not_before);
        if (!begins_at) return refused("nbf is no date");
        if (now + kJwtLeeway < *begins_at) {
            return refused("not valid before " + to_text(*begins_at));
        }
    }
    return *expires_at;
}

bool names_audience(const Json* audience, const std::string& expected) {
    if (audience == nullptr) return false;
    if (!audience->is_array()) return is_text(audience, expected);
    bool named = false;
    for (const auto& one : *audience) named |= is_text(&one, expected);
    return named;
}

Result<Claims> claims_of(const Json& payload, Instant expires) {
    Claims claims;
    claims.expires = expires;
    const Json* const subject = member(payload, "sub");
    if (subject == nullptr || !subject->is_string()) return refused("sub is missing");
    const auto user = UserId::parse(subject->get_ref<const std::string&>());
    if (!user) return refused("sub is not the id of a user");
    claims.user = *user;
    if (const Json* const team = member(payload, "team")) {
        if (team->is_string()) claims.team = TeamId::parse(team->get_ref<const std::string&>());
        if (!claims.team) return refused("team is not the id of a team");
    }
    if (const Json* const admin = member(payload, "admin")) {
        if (!admin->is_boolean()) return refused("admin is neither true nor false");
        claims.admin = admin->get<bool>();
    }
    if (const Json* const token_id = member(payload, "jti")) {
        if (!token_id->is_string()) return refused("jti is no text");
        claims.token_id = token_id->get<std::string>();
    }
    return claims;
}

Digest signature_of(const JwtSettings& settings, std::string_view signed_text) {
    CHECK(settings.secret.size() >= kJwtSecretBytesMin);
    return hmac_sha256(settings.secret, signed_text);
}

}  // namespace

Result<Claims> verify(std::string_view token, const JwtSettings& settings, Instant now) {
    if (token.size() > kJwtBytesMax) return refused("longer than any token of ours");
    const auto parts = parts_of(token);
    if (!parts) return refused("is not header, payload and signature with a full stop between");
    const auto header = decoded(parts->header);
    if (!header) return refused("the header is not an object of JSON in base64url");
    if (const auto good = check_header(*header); !good) return good.error();
    const auto signature = bytes_of_base64url(parts->signature);
    const Digest expected = signature_of(settings, parts->signed_text);
    if (!signature || !equal_in_constant_time(*signature, bytes_of(expected))) {
        return refused("the signature is not ours");
    }
    const auto payload = decoded(parts->payload);
    if (!payload) return refused("the payload is not an object of JSON in base64url");
    const auto expires = check_dates(*payload, now);
    if (!expires) return expires.error();
    if (settings.issuer && !is_text(member(*payload, "iss"), *settings.issuer)) {
        return refused("iss is not the one expected");
    }
    if (settings.audience && !names_audience(member(*payload, "aud"), *settings.audience)) {
        return refused("aud does not name this server");
    }
    return claims_of(*payload, *expires);
}

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
    json.member("iat", seconds_of(now));
    json.member("exp", seconds_of(claims.expires));
    if (!claims.token_id.empty()) json.member("jti", claims.token_id);
    json.end_object();
    std::string token = base64url_of(R"({"alg":"HS256","typ":"JWT"})");
    token += '.' + base64url_of(payload);
    return token + '.' + base64url_of(bytes_of(signature_of(settings, token)));
}

}  // namespace slipway
