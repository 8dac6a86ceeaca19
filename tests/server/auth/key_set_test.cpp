#include "server/auth/key_set.h"

#include "eventlog/base/digest.h"
#include "tests/server/auth/signing_key.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr std::string_view kText = "what is signed";

std::string set_of(const std::string& keys) {
    return R"({"keys":[)" + keys + "]}";
}

KeySet parsed(const std::string& keys) {
    auto set = KeySet::parse(set_of(keys));
    EXPECT_TRUE(set) << (set ? "" : set.error().message);
    return set ? std::move(*set) : KeySet{};
}

std::string why_no_key_set(const std::string& jwks) {
    const auto set = KeySet::parse(jwks);
    if (set) return "accepted";
    EXPECT_EQ(set.error().code, ErrorCode::invalid);
    return set.error().message;
}

bool verifies(const KeySet& keys, std::optional<std::string_view> kid, std::string_view algorithm,
              const std::string& signature, std::string_view text = kText) {
    return keys.verify(kid, algorithm, text, signature).has_value();
}

std::string why_not(const KeySet& keys, std::optional<std::string_view> kid,
                    std::string_view algorithm, const std::string& signature) {
    const auto result = keys.verify(kid, algorithm, kText, signature);
    return result ? "verified" : result.error().message;
}

const std::string kModulus =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4"
    "QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdb"
    "BYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-D"
    "WNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const std::string kPublishedRsa = R"({"kty":"RSA","n":")" + kModulus + R"(","e":"AQAB"})";
const std::string kPublishedEc =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
const std::string kPublishedEd25519 =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
const std::string kPublishedPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

TEST(KeySetPublished, RsaOfRfc7515A2) {
    const std::string text = "eyJhbGciOiJSUzI1NiJ9." + kPublishedPayload;
    const std::string signature = *bytes_of_base64url(
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F"
        "p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
        "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeY"
        "I2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
    const KeySet keys = parsed(kPublishedRsa);
    EXPECT_TRUE(verifies(keys, {}, "RS256", signature, text));
    EXPECT_FALSE(verifies(keys, {}, "RS256", signature, text + "x"));
}

TEST(KeySetPublished, EcOfRfc7515A3) {
    const std::string text = "eyJhbGciOiJFUzI1NiJ9." + kPublishedPayload;
    const std::string signature = *bytes_of_base64url(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    const KeySet keys = parsed(kPublishedEc);
    EXPECT_TRUE(verifies(keys, {}, "ES256", signature, text));
    EXPECT_FALSE(verifies(keys, {}, "ES256", signature, text + "x"));
}

TEST(KeySetPublished, Ed25519OfRfc8037A4AndA5) {
    const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const std::string signature = *bytes_of_base64url(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    const KeySet keys = parsed(kPublishedEd25519);
    EXPECT_TRUE(verifies(keys, {}, "EdDSA", signature, text));
    EXPECT_FALSE(verifies(keys, {}, "EdDSA", signature, text + "x"));
}

TEST(KeySet, FindsAKeyByItsKid) {
    const SigningKey one = SigningKey::rsa();
    const SigningKey two = SigningKey::rsa();
    const SigningKey three = SigningKey::ec();
    const SigningKey four = SigningKey::ed25519();
    const KeySet keys =
        parsed(one.jwk(R"(,"kid":"1","use":"sig","alg":"RS256")") + "," + two.jwk(R"(,"kid":"2")") +
               "," + three.jwk(R"(,"kid":"3","key_ops":["verify"])") + "," +
               four.jwk(R"(,"kid":"4","alg":"EdDSA")"));
    EXPECT_EQ(keys.size(), 4U);
    EXPECT_EQ(keys.left_out(), 0U);
    EXPECT_TRUE(verifies(keys, "1", "RS256", one.signature(kText)));
    EXPECT_TRUE(verifies(keys, "2", "RS256", two.signature(kText)));
    EXPECT_TRUE(verifies(keys, "3", "ES256", three.signature(kText)));
    EXPECT_TRUE(verifies(keys, "4", "EdDSA", four.signature(kText)));
    EXPECT_EQ(why_not(keys, "2", "RS256", one.signature(kText)),
              "key set: the signature is not that of the key");
    const auto unknown = keys.verify("5", "RS256", kText, one.signature(kText));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error(),
              (Error{ErrorCode::not_found, "key set: the token's key is not known"}));
}

TEST(KeySet, NeedsAKidIfThereAreSeveralKeys) {
    const SigningKey one = SigningKey::ec();
    EXPECT_TRUE(verifies(parsed(one.jwk(R"(,"kid":"1")")), {}, "ES256", one.signature(kText)));
    const KeySet two = parsed(one.jwk(R"(,"kid":"1")") + "," + SigningKey::ed25519().jwk());
    EXPECT_EQ(why_not(two, {}, "ES256", one.signature(kText)),
              "key set: the token names no key, and there are several");
    EXPECT_TRUE(verifies(two, "1", "ES256", one.signature(kText)));
    // A key without a name is nobody's "".
    EXPECT_EQ(two.verify("", "EdDSA", kText, "").error().code, ErrorCode::not_found);
    EXPECT_EQ(KeySet{}.verify({}, "ES256", kText, "").error().code, ErrorCode::not_found);
}

TEST(KeySetAttack, AnAlgorithmThatIsNotTheKeys) {
    const SigningKey rsa = SigningKey::rsa();
    const SigningKey ec = SigningKey::ec();
    const SigningKey ed25519 = SigningKey::ed25519();
    for (const std::string algorithm : {"none", "None", "", "HS256", "rs256", "RS384", "RS512",
                                        "PS256", "ES384", "ES512", "ES256K", "RSA1_5"}) {
        EXPECT_FALSE(verifies(parsed(rsa.jwk()), {}, algorithm, rsa.signature(kText)));
        EXPECT_FALSE(verifies(parsed(ec.jwk()), {}, algorithm, ec.signature(kText)));
        EXPECT_FALSE(verifies(parsed(ed25519.jwk()), {}, algorithm, ed25519.signature(kText)));
        EXPECT_FALSE(verifies(parsed(rsa.jwk()), {}, algorithm, ""));
    }
    EXPECT_EQ(why_not(parsed(rsa.jwk()), {}, "ES256", rsa.signature(kText)),
              "key set: the token's algorithm is not that of the key, RS256");
    EXPECT_FALSE(verifies(parsed(ec.jwk()), {}, "RS256", ec.signature(kText)));
    EXPECT_FALSE(verifies(parsed(ed25519.jwk()), {}, "ES256", ed25519.signature(kText)));
}

TEST(KeySetAttack, ASignatureOfAnotherForm) {
    const SigningKey ec = SigningKey::ec();
    const KeySet keys = parsed(ec.jwk());
    const std::string good = ec.signature(kText);
    ASSERT_TRUE(verifies(keys, {}, "ES256", good));
    EXPECT_FALSE(verifies(keys, {}, "ES256", good.substr(0, 63)));
    EXPECT_FALSE(verifies(keys, {}, "ES256", good.substr(1)));
    EXPECT_FALSE(verifies(keys, {}, "ES256", good + '\0'));
    EXPECT_FALSE(verifies(keys, {}, "ES256", '\0' + good));
    // The same number s, with a byte more.
    EXPECT_FALSE(verifies(keys, {}, "ES256", good.substr(0, 32) + '\0' + good.substr(32)));
    EXPECT_FALSE(verifies(keys, {}, "ES256", ""));
    EXPECT_FALSE(verifies(keys, {}, "ES256", ec.plain_signature(kText))) << "DER";
    const std::string zero(32, '\0');
    EXPECT_FALSE(verifies(keys, {}, "ES256", zero + zero));
    EXPECT_FALSE(verifies(keys, {}, "ES256", zero + good.substr(32)));
    EXPECT_FALSE(verifies(keys, {}, "ES256", good.substr(0, 32) + zero));
    EXPECT_FALSE(verifies(keys, {}, "ES256", std::string(64, '\xff')));

    const SigningKey rsa = SigningKey::rsa();
    const std::string long_one = rsa.signature(kText);
    for (const std::string& signature :
         {std::string{}, long_one.substr(0, 255), long_one + '\0', '\0' + long_one,
          std::string(256, '\0'), std::string(256, '\xff')}) {
        EXPECT_FALSE(verifies(parsed(rsa.jwk()), {}, "RS256", signature));
    }
    const SigningKey ed25519 = SigningKey::ed25519();
    const std::string short_one = ed25519.signature(kText);
    for (const std::string& signature : {std::string{}, short_one.substr(0, 63), short_one + '\0',
                                         std::string(64, '\0'), std::string(64, '\xff')}) {
        EXPECT_FALSE(verifies(parsed(ed25519.jwk()), {}, "EdDSA", signature));
    }
}

TEST(KeySetAttack, AnyByteOfASignatureChanged) {
    const SigningKey ec = SigningKey::ec();
    const KeySet keys = parsed(ec.jwk());
    const std::string good = ec.signature(kText);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(verifies(keys, {}, "ES256", changed)) << i;
    }
}

// Each is left out, and the good key beside it works.
TEST(KeySet, LeavesOutKeysThatAreOfNoUse) {
    const SigningKey good = SigningKey::ec();
    const SigningKey other = SigningKey::rsa();
    const std::string zeros = base64url_of(std::string(32, '\0'));
    const std::string ones = base64url_of(std::string(32, '\xff'));
    const std::string point = R"({"kty":"EC","crv":"P-256","x":")";
    const std::string modulus = R"({"kty":"RSA","n":")" + kModulus + R"(","e":)";
    for (const std::string& key : {
             R"({"kty":"oct","k":")" + zeros + R"(","kid":"1"})",
             std::string{R"({"kty":"AKP"})"},
             std::string{R"({"kty":"rsa"})"},
             other.jwk(R"(,"use":"enc")"),
             other.jwk(R"(,"use":["sig"])"),
             other.jwk(R"(,"key_ops":["encrypt"])"),
             other.jwk(R"(,"key_ops":[])"),
             other.jwk(R"(,"alg":"PS256")"),
             other.jwk(R"(,"alg":"RS512")"),
             other.jwk(R"(,"alg":"HS256")"),
             other.jwk(R"(,"alg":null)"),
             other.jwk(R"(,"d":"AQAB")"),
             SigningKey::rsa(1'024).jwk(),
             modulus + R"("AQ"})",
             modulus + R"("AQAA"})",
             modulus + R"(""})",
             modulus + R"("AQAAAAE"})",
             modulus + R"(65537})",
             modulus + R"("AQAB="})",
             R"({"kty":"RSA","n":")" + base64url_of(std::string(1'025, '\xff')) +
                 R"(","e":"AQAB"})",
             std::string{R"({"kty":"RSA","e":"AQAB"})"},
             point + zeros + R"(","y":")" + zeros + R"("})",
             point + ones + R"(","y":")" + ones + R"("})",
             point + zeros + R"("})",
             point + base64url_of(std::string(31, 'x')) + R"(","y":")" + zeros + R"("})",
             std::string{R"({"kty":"EC","crv":"P-384","x":"","y":""})"},
             std::string{R"({"kty":"EC","crv":"secp256k1","x":"","y":""})"},
             std::string{R"({"kty":"OKP","crv":"X25519","x":")"} + zeros + R"("})",
             std::string{R"({"kty":"OKP","crv":"Ed25519","x":""})"},
             SigningKey::ed25519().jwk(R"(,"alg":"ES256")"),
         }) {
        const KeySet keys = parsed(key + "," + good.jwk(R"(,"kid":"1")"));
        EXPECT_EQ(keys.size(), 1U) << key;
        EXPECT_EQ(keys.left_out(), 1U) << key;
        EXPECT_TRUE(verifies(keys, "1", "ES256", good.signature(kText))) << key;
    }
}

// The point of a key with one byte changed lies on no curve.
TEST(KeySetAttack, APointThatIsNotOnTheCurve) {
    std::string key = SigningKey::ec().jwk();
    const auto at = key.find(R"("y":")") + 5;
    key[at] = key[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(parsed(key).size(), 0U);
}

TEST(KeySet, RefusesWhatIsNoKeySet) {
    const std::string unreadable = "key set: is not an object of JSON whose names differ";
    for (const std::string& text :
         {std::string{}, std::string{"null"}, std::string{"[]"}, std::string{"{"},
          std::string{"<html>"}, std::string{R"({"keys":[],"keys":[]})"},
          set_of(R"({"kty":"RSA","kty":"EC"})"),
          R"({"keys":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}"}) {
        EXPECT_EQ(why_no_key_set(text), unreadable) << text.substr(0, 100);
    }
    for (const std::string text : {"{}", R"({"keys":{}})", R"({"keys":null})", R"({"Keys":[]})"}) {
        EXPECT_EQ(why_no_key_set(text), "key set: has no list of keys");
    }
    EXPECT_EQ(why_no_key_set(set_of(kPublishedEc + ",1")), "key set: key 2 is no object");
    EXPECT_EQ(why_no_key_set(set_of("{}")), "key set: key 1 has no kty");
    EXPECT_EQ(why_no_key_set(set_of(R"({"kty":1})")), "key set: key 1 has no kty");
    EXPECT_EQ(why_no_key_set(set_of(R"({"kty":"EC","kid":1})")),
              "key set: key 1 has a kid that is no text");
    std::string many = R"({"kty":"oct"})";
    for (std::size_t i = 1; i < kKeysMax; ++i) many += R"(,{"kty":"oct"})";
    EXPECT_EQ(why_no_key_set(set_of(many)), "accepted");
    EXPECT_EQ(why_no_key_set(set_of(many + R"(,{"kty":"oct"})")),
              "key set: has 101 keys; at most 100");
    EXPECT_EQ(parsed("").size(), 0U) << "an issuer may withdraw all its keys";
}

TEST(KeySetAttack, OneKidForTwoKeys) {
    const SigningKey one = SigningKey::ec();
    EXPECT_EQ(why_no_key_set(set_of(one.jwk(R"(,"kid":"1")") + "," +
                                    SigningKey::ed25519().jwk(R"(,"kid":"1")"))),
              "key set: key 2 has the kid of one before it");
}

}  // namespace
}  // namespace slipway
