// Tokens of an issuer that is trusted, beside our own.

#include "server/auth/jwt.h"
#include "tests/server/auth/signing_key.h"
#include "tests/server/auth/token_holder.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr std::string_view kTrustedIssuer = "https://issuer.example";
const std::string kIssuerHeader = R"({"alg":"ES256","kid":"1","typ":"JWT"})";

// `members` follow iss and exp, so they begin with a comma.
std::string issuer_payload(const std::string& members = R"(,"sub":"joe","aud":"slipway")",
                           std::string_view issuer = kTrustedIssuer) {
    return R"({"iss":")" + std::string{issuer} + R"(","exp":1802246460)" + members + "}";
}

// What is set, and the key of the issuer.
struct Trust {
    Trust() : Trust(SigningKey::ec()) {}
    explicit Trust(SigningKey signing) : key(std::move(signing)) {
        settings.secret = std::string(32, 'k');
        settings.trusted = TrustedIssuer{std::string{kTrustedIssuer}, "slipway", {}, {}};
        trust(key.jwk(R"(,"kid":"1")"));
    }
    void trust(const std::string& keys) {
        auto set = KeySet::parse(R"({"keys":[)" + keys + "]}");
        CHECK(set);
        settings.trusted->keys = std::move(*set);
    }
    Result<Claims> claims(const std::string& members) const {
        return verify(key.token(kIssuerHeader, issuer_payload(members)), settings, kNow);
    }
    std::string why_refused(const std::string& token, Instant now = kNow) const {
        const auto result = verify(token, settings, now);
        if (result) return "accepted";
        EXPECT_EQ(result.error().code, ErrorCode::invalid);
        return result.error().message;
    }
    std::string hmac_token(const std::string& header, const std::string& body,
                           const std::string& secret) const {
        const std::string text = base64url_of(header) + "." + base64url_of(body);
        return text + "." + base64url_of(bytes_of(hmac_sha256(secret, text)));
    }

    SigningKey key;
    JwtSettings settings;
};

TEST(TrustedIssuer, IsCheckedWithItsKeysAndOursWithTheSecret) {
    const Trust one;
    const auto theirs = one.claims(R"(,"sub":"joe","aud":"slipway","jti":"7")");
    ASSERT_TRUE(theirs) << theirs.error().message;
    EXPECT_EQ(theirs->user, user_of_subject(kTrustedIssuer, "joe"));
    EXPECT_EQ(theirs->token_id, "7");
    EXPECT_EQ(theirs->expires, kNow + Seconds{60});
    EXPECT_FALSE(theirs->admin);
    Claims ours;
    ours.user = *UserId::parse(kUser);
    ours.admin = true;
    ours.issued_at = kNow;
    ours.expires = kNow + Seconds{60};
    EXPECT_EQ(*verify(mint(ours, one.settings, kNow), one.settings, kNow), ours);
}

TEST(TrustedIssuer, SignsWithEachAlgorithm) {
    const Trust rsa{SigningKey::rsa()};
    EXPECT_EQ(rsa.why_refused(rsa.key.token(R"({"alg":"RS256","kid":"1"})", issuer_payload())),
              "accepted");
    const Trust ed25519{SigningKey::ed25519()};
    EXPECT_EQ(
        ed25519.why_refused(ed25519.key.token(R"({"alg":"EdDSA","kid":"1"})", issuer_payload())),
        "accepted");
    const Trust ec;
    EXPECT_EQ(ec.why_refused(ec.key.token(R"({"alg":"ES256"})", issuer_payload())), "accepted");
}

TEST(TrustedIssuerAttack, TheSecretDoesNotSignForTheIssuer) {
    const Trust one;
    EXPECT_EQ(one.why_refused(
                  one.hmac_token(R"({"alg":"HS256"})", issuer_payload(), one.settings.secret)),
              "key set: the token's algorithm is not that of the key, ES256");
}

TEST(TrustedIssuerAttack, ItsKeysDoNotSignForUs) {
    const Trust one;
    const std::string ours = R"(,"sub":")" + std::string{kUser} + R"(","aud":"slipway")";
    for (const std::string issuer :
         {"https://issuer.example/", "https://issuer.example.evil", "HTTPS://issuer.example", ""}) {
        const std::string why = "jwt: iss is \"" + issuer +
                                R"("; "https://issuer.example" is expected, letter by letter)";
        EXPECT_EQ(one.why_refused(one.key.token(kIssuerHeader, issuer_payload(ours, issuer))), why);
        EXPECT_EQ(one.why_refused(
                      one.key.token(R"({"alg":"HS256","kid":"1"})", issuer_payload(ours, issuer))),
                  why);
    }
    const std::string listed = R"({"iss":["https://issuer.example"],"exp":1802246460)" + ours + "}";
    EXPECT_EQ(one.why_refused(one.key.token(kIssuerHeader, listed)),
              R"(jwt: iss is no text; "https://issuer.example" is expected, letter by letter)");
    const std::string unnamed = R"({"exp":1802246460,"sub":")" + std::string{kUser} + "\"}";
    EXPECT_EQ(one.why_refused(one.key.token(kIssuerHeader, unnamed)),
              "jwt: the algorithm is not HS256");
    EXPECT_EQ(one.why_refused(one.key.token(R"({"alg":"HS256","kid":"1"})", unnamed)),
              "jwt: the signature is not ours");
}

TEST(TrustedIssuerAttack, APublicKeyIsNoSecret) {
    const Trust one{SigningKey::rsa()};
    const std::string jwk = one.key.jwk();
    const auto n = jwk.find(R"("n":")") + 5;
    const std::string modulus = jwk.substr(n, jwk.find('"', n) - n);
    const std::string pem = one.key.pem();
    for (const std::string& secret : {pem, pem.substr(0, pem.size() - 1), modulus,
                                      *bytes_of_base64url(modulus), jwk, std::string{}}) {
        for (const std::string header : {R"({"alg":"HS256","kid":"1"})",
                                         R"({"alg":"RS256","kid":"1"})", R"({"alg":"HS256"})"}) {
            EXPECT_NE(one.why_refused(one.hmac_token(header, issuer_payload(), secret)),
                      "accepted");
            const std::string ours = R"({"exp":1802246460,"sub":")" + std::string{kUser} + "\"}";
            EXPECT_NE(one.why_refused(one.hmac_token(header, ours, secret)), "accepted");
        }
    }
}

TEST(TrustedIssuerAttack, AnAlgorithmThatIsNotTheKeys) {
    const Trust rsa{SigningKey::rsa()};
    for (const std::string algorithm : {"none", "None", "NONE", "", "HS256", "ES256", "EdDSA",
                                        "RS384", "PS256", "rs256", "RS256 "}) {
        const std::string header = R"({"alg":")" + algorithm + R"(","kid":"1"})";
        const std::string why = "key set: the token's algorithm is not that of the key, RS256";
        const std::string token = rsa.key.token(header, issuer_payload());
        EXPECT_EQ(rsa.why_refused(token), why);
        EXPECT_EQ(rsa.why_refused(token.substr(0, token.rfind('.') + 1)), why);
    }
    for (const std::string header :
         {R"({"kid":"1"})", R"({"alg":["RS256"],"kid":"1"})", R"({"alg":null,"kid":"1"})"}) {
        EXPECT_EQ(rsa.why_refused(rsa.key.token(header, issuer_payload())), "jwt: alg is missing");
    }
    EXPECT_EQ(rsa.why_refused(rsa.key.token(R"({"alg":"RS256","kid":1})", issuer_payload())),
              "jwt: kid is no text");
}

TEST(TrustedIssuerAttack, AKeyOfItsOwn) {
    const Trust one;
    const SigningKey evil = SigningKey::ec();
    for (const std::string& member :
         {R"("jwk":)" + evil.jwk(), std::string{R"("jku":"https://evil/k")"},
          std::string{R"("x5u":"https://evil/k")"}, std::string{R"("x5c":["MIIB"])"}}) {
        const std::string header = R"({"alg":"ES256","kid":"1",)" + member + "}";
        EXPECT_EQ(one.why_refused(evil.token(header, issuer_payload())),
                  "key set: the signature is not that of the key");
        EXPECT_EQ(one.why_refused(one.key.token(header, issuer_payload())), "accepted")
            << "ignored";
    }
    EXPECT_EQ(one.why_refused(
                  one.key.token(R"({"alg":"ES256","kid":"1","crit":["exp"]})", issuer_payload())),
              "jwt: a critical extension is not known");
}

TEST(TrustedIssuer, ItsUnknownKeyIsAnErrorOfItsOwn) {
    Trust one;
    const auto code_of = [&one](const std::string& header) {
        const auto result = verify(one.key.token(header, issuer_payload()), one.settings, kNow);
        return result ? std::optional<ErrorCode>{} : result.error().code;
    };
    EXPECT_EQ(code_of(R"({"alg":"ES256","kid":"2"})"), ErrorCode::not_found);
    EXPECT_EQ(code_of(R"({"alg":"ES256","kid":"../../dev/null"})"), ErrorCode::not_found);
    one.trust("");
    EXPECT_EQ(code_of(kIssuerHeader), ErrorCode::not_found) << "before the first fetch";
    EXPECT_EQ(code_of(R"({"alg":"ES256"})"), ErrorCode::not_found);
}

TEST(TrustedIssuer, AudienceAndDatesAreChecked) {
    const Trust one;
    for (const std::string audience : {"", R"(,"aud":"other")", R"(,"aud":[])",
                                       R"(,"aud":["other"])", R"(,"aud":{"slipway":1})"}) {
        EXPECT_EQ(one.why_refused(
                      one.key.token(kIssuerHeader, issuer_payload(R"(,"sub":"joe")" + audience))),
                  "jwt: aud does not name this server");
    }
    EXPECT_TRUE(one.claims(R"(,"sub":"joe","aud":["other","slipway"])"));
    const std::string good = one.key.token(kIssuerHeader, issuer_payload());
    EXPECT_EQ(one.why_refused(good, kNow + Seconds{119}), "accepted");
    EXPECT_EQ(one.why_refused(good, kNow + Seconds{120}), "jwt: expired at 2027-02-10T08:01:00Z");
    const std::string unending = R"({"iss":"https://issuer.example","aud":"slipway","sub":"joe"})";
    EXPECT_EQ(one.why_refused(one.key.token(kIssuerHeader, unending)), "jwt: exp is missing");
    const std::string early = issuer_payload(R"(,"sub":"joe","aud":"slipway","nbf":1802246461)");
    EXPECT_EQ(one.why_refused(one.key.token(kIssuerHeader, early)),
              "jwt: not valid before 2027-02-10T08:01:01Z");
}

TEST(TrustedIssuer, MakesAdminsOnlyByTheClaimThatIsSet) {
    Trust one;
    const auto is_admin = [&one](const std::string& members) {
        const auto claims = one.claims(R"(,"sub":"joe","aud":"slipway")" + members);
        EXPECT_TRUE(claims) << members;
        return claims && claims->admin;
    };
    EXPECT_FALSE(is_admin(R"(,"admin":true)"));
    EXPECT_FALSE(is_admin(R"(,"admin":"yes","groups":["slipway-admins"])"));
    one.settings.trusted->admin_claim = AdminClaim{"groups", "slipway-admins"};
    EXPECT_TRUE(is_admin(R"(,"groups":["staff","slipway-admins"])"));
    EXPECT_TRUE(is_admin(R"(,"groups":"slipway-admins")"));
    EXPECT_FALSE(is_admin(R"(,"admin":true)"));
    for (const std::string groups :
         {R"("slipway-admins2")", R"("staff slipway-admins")", "[]", "true", "1", "null",
          R"({"slipway-admins":true})", R"([["slipway-admins"]])", R"(["Slipway-Admins"])"}) {
        EXPECT_FALSE(is_admin(R"(,"groups":)" + groups)) << groups;
    }
}

TEST(TrustedIssuer, KeepsTheTeamThatATokenNames) {
    const Trust one;
    const auto claims =
        one.claims(R"(,"sub":"joe","aud":"slipway","team":"team_01h455vb4pex5vsknk084sn02q")");
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->team->text(), "team_01h455vb4pex5vsknk084sn02q");
    EXPECT_FALSE(one.claims(R"(,"sub":"joe","aud":"slipway","team":"red")"));
}

TEST(TrustedIssuer, NeedsASubject) {
    const Trust one;
    for (const std::string subject : {"", R"(,"sub":"")", R"(,"sub":7)", R"(,"sub":["joe"])"}) {
        EXPECT_EQ(one.why_refused(one.key.token(kIssuerHeader,
                                                issuer_payload(R"(,"aud":"slipway")" + subject))),
                  "jwt: sub is missing");
    }
}

// Written down, since users belong to teams by it: it may never change.
TEST(UserOfSubject, IsTheSameForEver) {
    EXPECT_EQ(user_of_subject("https://issuer.example", "joe").text(),
              "user_5vq57axvmtgjxraprx0p9zrexh");
    EXPECT_NE(user_of_subject("https://issuer.example", "joe"),
              user_of_subject("https://issuer.exampl", "ejoe"));
    EXPECT_NE(user_of_subject("https://issuer.example", "joe"),
              user_of_subject("https://other.example", "joe"));
    EXPECT_NE(user_of_subject("https://issuer.example", "joe"),
              user_of_subject("https://issuer.example", "Joe"));
}

TEST(UserOfSubject, IsAUuidOfVersion8) {
    const Uuid uuid = user_of_subject("https://issuer.example", "joe").uuid;
    EXPECT_EQ(uuid.high >> 12 & 0xF, 8U);
    EXPECT_EQ(uuid.low >> 62, 2U);
}

TEST(UserOfSubject, IsTheUserThatWeMadeOfThatName) {
    EXPECT_EQ(user_of_subject(kTrustedIssuer, kUser).text(), kUser);
    // What another subject became is not for the taking.
    const std::string derived = user_of_subject(kTrustedIssuer, "joe").text();
    EXPECT_NE(user_of_subject(kTrustedIssuer, derived).text(), derived);
}

}  // namespace
}  // namespace slipway
