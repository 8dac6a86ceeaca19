#include "server/auth/jwt.h"

#include "eventlog/base/digest.h"
#include "tests/server/auth/token_holder.h"

#include <gtest/gtest.h>

#include <vector>

namespace slipway {
namespace {

constexpr std::int64_t kNowSeconds = 1'802'246'400;
constexpr std::string_view kTeam = "team_01h455vb4pex5vsknk084sn02q";
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

JwtSettings settings() {
    return {std::string(32, 'k'), std::nullopt, std::nullopt};
}

Claims claims() {
    Claims all;
    all.user = *UserId::parse(kUser);
    all.team = *TeamId::parse(kTeam);
    all.admin = true;
    all.issued_at = kNow;
    all.expires = kNow + Seconds{3'600};
    all.token_id = "tok_1";
    return all;
}

// A token of any header and payload, with a good signature.
std::string signed_token(std::string_view header, std::string_view payload,
                         const std::string& secret = settings().secret) {
    const std::string text = base64url_of(header) + "." + base64url_of(payload);
    return text + "." + base64url_of(bytes_of(hmac_sha256(secret, text)));
}

// `members` follow sub and exp, so they begin with a comma.
std::string payload(const std::string& members = "", std::int64_t expires = kNowSeconds + 60) {
    return R"({"sub":")" + std::string{kUser} + R"(","exp":)" + std::to_string(expires) + members +
           "}";
}

std::string why_refused(const std::string& token, const JwtSettings& with = settings(),
                        Instant now = kNow) {
    const auto result = verify(token, with, now);
    EXPECT_FALSE(result.has_value()) << token;
    if (result) return "accepted";
    EXPECT_EQ(result.error().code, ErrorCode::invalid);
    return result.error().message;
}

bool accepts(const std::string& token, const JwtSettings& with = settings(), Instant now = kNow) {
    return verify(token, with, now).has_value();
}

TEST(Jwt, SaysWhatWasMinted) {
    const std::string token = mint(claims(), settings(), kNow);
    const auto result = verify(token, settings(), kNow);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(*result, claims());
}

TEST(Jwt, NeedsNoMoreThanAUserAndAnEnd) {
    const auto result = verify(signed_token(kHeader, payload()), settings(), kNow);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->user.text(), kUser);
    EXPECT_EQ(result->team, std::nullopt);
    EXPECT_FALSE(result->admin);
    EXPECT_EQ(result->expires, kNow + Seconds{60});
    EXPECT_EQ(result->token_id, "");
    EXPECT_TRUE(accepts(signed_token(R"({"alg":"HS256"})", payload())));
}

// RFC 7515, A.1: a token and its key, published. Its claims are not ours, and it has long expired.
TEST(Jwt, ChecksThePublishedSignature) {
    const std::string token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const JwtSettings published{*bytes_of_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"
                                                    "1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"),
                                "joe", std::nullopt};
    EXPECT_EQ(why_refused(token, published), "jwt: expired at 2011-03-22T18:43:00Z");
    EXPECT_EQ(why_refused(token, published, *instant_of("2011-03-22T18:00:00Z")),
              "jwt: sub is missing");
    JwtSettings another = settings();
    another.issuer = "joe";
    EXPECT_EQ(why_refused(token, another), "jwt: the signature is not ours");
}

TEST(JwtAttack, AnotherAlgorithmThanTheOneOfTheSettings) {
    for (const std::string algorithm : {"none", "None", "NONE", "nOnE", "", "hs256", "HS256 ",
                                        "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256"}) {
        const std::string header = R"({"alg":")" + algorithm + R"("})";
        EXPECT_EQ(why_refused(signed_token(header, payload())), "jwt: the algorithm is not HS256");
        const std::string text = base64url_of(header) + "." + base64url_of(payload());
        EXPECT_EQ(why_refused(text + "."), "jwt: the algorithm is not HS256");
    }
    for (const std::string header : {R"({})", R"({"alg":null})", R"({"alg":["HS256"]})",
                                     R"({"alg":{"a":"HS256"}})", R"({"Alg":"HS256"})"}) {
        EXPECT_EQ(why_refused(signed_token(header, payload())), "jwt: the algorithm is not HS256");
    }
}

TEST(JwtAttack, NoSignatureOrAnotherOne) {
    const std::string token = signed_token(kHeader, payload());
    const std::string text = token.substr(0, token.rfind('.') + 1);
    EXPECT_EQ(why_refused(text), "jwt: the signature is not ours");
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(), std::string(32, 'x'))),
              "jwt: the signature is not ours");
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(), "")), "jwt: the signature is not ours");
    EXPECT_EQ(why_refused(token.substr(0, token.size() - 1)), "jwt: the signature is not ours");
    EXPECT_EQ(why_refused(token + "A"), "jwt: the signature is not ours");
    EXPECT_EQ(why_refused(token + "="), "jwt: the signature is not ours");
}

TEST(JwtAttack, AnyCharacterChanged) {
    const std::string token = mint(claims(), settings(), kNow);
    for (std::size_t i = 0; i < token.size(); ++i) {
        for (const char c : {'A', '_', '.', '=', '\0', '\n'}) {
            std::string changed = token;
            if (changed[i] == c) continue;
            changed[i] = c;
            EXPECT_FALSE(accepts(changed)) << i;
        }
        EXPECT_FALSE(accepts(token.substr(0, i)));
        EXPECT_FALSE(accepts(token.substr(i + 1)));
    }
}

TEST(JwtAttack, AKeyOfItsOwn) {
    const std::string others = std::string(32, 'x');
    const std::string key = base64url_of(others);
    for (const std::string& member :
         {R"("jwk":{"kty":"oct","k":")" + key + R"("})", std::string{R"("jku":"https://evil/k")"},
          std::string{R"("x5u":"https://evil/k")"}, std::string{R"("x5c":["MIIB"])"},
          std::string{R"("kid":"../../dev/null")"}, std::string{R"("kid":"' or 1=1 --")"}}) {
        const std::string header = R"({"alg":"HS256",)" + member + "}";
        EXPECT_EQ(why_refused(signed_token(header, payload(), others)),
                  "jwt: the signature is not ours");
        EXPECT_TRUE(accepts(signed_token(header, payload()))) << "ignored where our key signed";
    }
}

TEST(JwtAttack, ACriticalExtensionOrAnotherType) {
    for (const std::string member :
         {R"("crit":["exp"])", R"("crit":[])", R"("crit":["b64"],"b64":false)"}) {
        EXPECT_EQ(why_refused(signed_token(R"({"alg":"HS256",)" + member + "}", payload())),
                  "jwt: a critical extension is not known");
    }
    for (const std::string type : {R"("secevent+jwt")", R"("dpop+jwt")", R"(1)", R"("")"}) {
        EXPECT_EQ(why_refused(signed_token(R"({"alg":"HS256","typ":)" + type + "}", payload())),
                  "jwt: the type is not JWT");
    }
    EXPECT_TRUE(accepts(signed_token(R"({"alg":"HS256","typ":"at+jwt"})", payload())));
}

TEST(JwtAttack, OneNameWithTwoValues) {
    const std::string refused = "jwt: the payload is not an object of JSON in base64url";
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(R"(,"admin":false,"admin":true)"))),
              refused);
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(R"(,"exp":99999999999)"))), refused);
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(R"(,"\u0065xp":99999999999)"))), refused);
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(R"(,"x":[{"a":{"b":1,"b":2}}])"))),
              refused);
    EXPECT_EQ(why_refused(signed_token(R"({"alg":"none","alg":"HS256"})", payload())),
              "jwt: the header is not an object of JSON in base64url");
    EXPECT_TRUE(accepts(signed_token(kHeader, payload(R"(,"x":[{"a":1},{"a":1}],"y":{"a":1})"))));
}

TEST(JwtAttack, WhatIsNoToken) {
    const std::string good = signed_token(kHeader, payload());
    for (const std::string& token :
         {std::string{}, std::string{"."}, std::string{".."}, std::string{"..."}, good + ".",
          good + ".x", "." + good, " " + good, good + "\n", "Bearer " + good}) {
        EXPECT_FALSE(accepts(token)) << token;
    }
    for (const std::string text : {"", "null", "[]", "1", R"("x")", "{", R"({"a":1} x)", "{}{}",
                                   "\xff", R"({"alg":"HS256",})", "{/**/}"}) {
        EXPECT_FALSE(accepts(signed_token(kHeader, text))) << text;
        EXPECT_FALSE(accepts(signed_token(text, payload()))) << text;
    }
}

TEST(JwtAttack, ATextThatIsTooLongOrTooDeep) {
    const std::string filler(kJwtBytesMax, 'x');
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(R"(,"x":")" + filler + "\""))),
              "jwt: longer than any token of ours");
    const std::string deep = R"(,"x":)" + std::string(1'000, '[') + std::string(1'000, ']');
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(deep))),
              "jwt: the payload is not an object of JSON in base64url");
}

TEST(JwtDates, AnEndIsRequiredAndMustBeADate) {
    const std::string user = R"({"sub":")" + std::string{kUser} + "\"";
    EXPECT_EQ(why_refused(signed_token(kHeader, user + "}")), "jwt: exp is missing");
    for (const std::string date : {"null", R"("1802246460")", "true", "[1802246460]", "{}", "-1",
                                   "1e30", "253402300800", "18446744073709551615"}) {
        EXPECT_EQ(why_refused(signed_token(kHeader, user + R"(,"exp":)" + date + "}")),
                  "jwt: exp is no date")
            << date;
    }
    EXPECT_FALSE(accepts(signed_token(kHeader, user + R"(,"exp":1e999})")));
    EXPECT_FALSE(accepts(signed_token(kHeader, user + R"(,"exp":NaN})")));
    for (const std::string date : {"1802246460", "1802246460.5", "1.80224646e9", "253402300799"}) {
        EXPECT_TRUE(accepts(signed_token(kHeader, user + R"(,"exp":)" + date + "}"))) << date;
    }
}

TEST(JwtDates, HaveALeewayOfAMinute) {
    const std::string token = signed_token(kHeader, payload("", kNowSeconds));
    EXPECT_TRUE(accepts(token, settings(), kNow + Seconds{59}));
    EXPECT_FALSE(accepts(token, settings(), kNow + Seconds{60}));
    const auto from = [](std::int64_t seconds) {
        return signed_token(kHeader, payload(R"(,"nbf":)" + std::to_string(seconds)));
    };
    EXPECT_TRUE(accepts(from(kNowSeconds + 60)));
    EXPECT_EQ(why_refused(from(kNowSeconds + 61)), "jwt: not valid before 2027-02-10T08:01:01Z");
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(R"(,"nbf":"now")"))),
              "jwt: nbf is no date");
}

TEST(JwtNames, IssuerAndAudienceAreCheckedWhereSet) {
    JwtSettings strict = settings();
    strict.issuer = "https://issuer.example";
    strict.audience = "slipway";
    const auto with = [](const std::string& members) {
        return signed_token(kHeader, payload(members));
    };
    const std::string issuer = R"(,"iss":"https://issuer.example")";
    EXPECT_TRUE(accepts(with(issuer + R"(,"aud":"slipway")"), strict));
    EXPECT_TRUE(accepts(with(issuer + R"(,"aud":["other","slipway"])"), strict));
    EXPECT_TRUE(accepts(mint(claims(), strict, kNow), strict));
    EXPECT_FALSE(accepts(mint(claims(), settings(), kNow), strict));
    EXPECT_EQ(why_refused(with(R"(,"aud":"slipway")"), strict),
              R"(jwt: iss is missing; "https://issuer.example" is expected)");
    EXPECT_EQ(why_refused(with(R"(,"iss":"https://issuer.example.evil","aud":"slipway")"), strict),
              R"(jwt: iss is "https://issuer.example.evil"; "https://issuer.example" is expected)");
    for (const std::string audience :
         {"", R"(,"aud":"slipway2")", R"(,"aud":[])", R"(,"aud":["other"])", R"(,"aud":1)",
          R"(,"aud":{"slipway":1})", R"(,"aud":[["slipway"]])"}) {
        EXPECT_EQ(why_refused(with(issuer + audience), strict),
                  "jwt: aud does not name this server")
            << audience;
    }
}

// RFC 7519, 4.1.3: a token that is meant for somebody else must be refused.
TEST(JwtNames, AnotherServicesTokenIsRefusedWhereNoneIsSet) {
    const auto with = [](const std::string& members) {
        return signed_token(kHeader, payload(members));
    };
    for (const std::string audience : {R"("another-service")", R"("")", R"(["another-service"])",
                                       R"(["a","b"])", "[]", "null", "7", "{}", R"("slipway")"}) {
        EXPECT_EQ(why_refused(with(R"(,"aud":)" + audience)), "jwt: aud does not name this server")
            << audience;
    }
    EXPECT_EQ(why_refused(with(R"(,"iss":"https://other.example")")),
              R"(jwt: iss is "https://other.example"; tokens of this server have none)");
    for (const std::string issuer : {"null", "7", R"(["https://other.example"])"}) {
        EXPECT_EQ(why_refused(with(R"(,"iss":)" + issuer)),
                  "jwt: iss is no text; tokens of this server have none");
    }
    EXPECT_TRUE(accepts(with("")));
}

TEST(JwtDates, SaysWhenItWasIssuedToTheMillisecond) {
    for (const std::int64_t millis : {0, 1, 7, 122, 123, 500, 998, 999}) {
        const Instant issued = kNow + Millis{millis};
        const auto result = verify(mint(claims(), settings(), issued), settings(), issued);
        ASSERT_TRUE(result);
        EXPECT_EQ(result->issued_at, issued) << millis;
    }
    EXPECT_EQ(verify(signed_token(kHeader, payload()), settings(), kNow)->issued_at, std::nullopt);
    EXPECT_EQ(why_refused(signed_token(kHeader, payload(R"(,"iat":"now")"))),
              "jwt: iat is no date");
}

TEST(JwtClaims, MustHaveTheirTypes) {
    const auto with = [](const std::string& members) {
        return signed_token(kHeader, payload(members));
    };
    EXPECT_EQ(why_refused(signed_token(kHeader, R"({"exp":1802246460})")), "jwt: sub is missing");
    EXPECT_EQ(why_refused(signed_token(kHeader, R"({"exp":1802246460,"sub":"joe"})")),
              "jwt: sub is not the id of a user");
    EXPECT_EQ(why_refused(signed_token(kHeader, R"({"exp":1802246460,"sub":7})")),
              "jwt: sub is missing");
    for (const std::string team :
         {"null", "7", R"("team_x")", R"("user_01h455vb4pex5vsknk084sn02q")"}) {
        EXPECT_EQ(why_refused(with(R"(,"team":)" + team)), "jwt: team is not the id of a team");
    }
    for (const std::string admin : {"1", R"("true")", "null", "[true]"}) {
        EXPECT_EQ(why_refused(with(R"(,"admin":)" + admin)),
                  "jwt: admin is neither true nor false");
    }
    EXPECT_EQ(why_refused(with(R"(,"jti":7)")), "jwt: jti is no text");
}

TEST(Jwt, NamesNoPartOfATokenInAnError) {
    const std::string marked = signed_token(kHeader, R"({"sub":"MARKED","exp":1802246460})");
    EXPECT_EQ(why_refused(marked).find("MARKED"), std::string::npos);
}

TEST(JwtDeathTest, WantsASecretThatNobodyCanGuess) {
    const JwtSettings weak{std::string(31, 'k'), std::nullopt, std::nullopt};
    EXPECT_DEATH(mint(claims(), weak, kNow), "CHECK failed");
    EXPECT_DEATH((void)verify(signed_token(kHeader, payload()), weak, kNow), "CHECK failed");
}

}  // namespace
}  // namespace slipway
