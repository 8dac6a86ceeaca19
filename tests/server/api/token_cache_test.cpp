#include "server/api/token_cache.h"

#include "tests/server/auth/signing_key.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

const Instant kNow = *instant_of("2027-02-10T08:00:00Z");
const std::string kPayload = R"({"iss":"https://issuer.example","sub":"joe","exp":1802246460})";

KeySet set_of(const SigningKey& key, const std::string& kid) {
    auto set = KeySet::parse(R"({"keys":[)" + key.jwk(R"(,"kid":")" + kid + "\"") + "]}");
    CHECK(set);
    return std::move(*set);
}

std::string token_of(const SigningKey& key, const std::string& kid) {
    return key.token(R"({"alg":"ES256","kid":")" + kid + "\"}", kPayload);
}

struct Scene {
    Scene() { cache.replace_keys(set_of(old_key, "old")); }

    static JwtSettings settings() {
        JwtSettings all;
        all.secret = std::string(32, 'k');
        all.trusted = TrustedIssuer{"https://issuer.example", {}, {}, {}};
        return all;
    }
    bool accepts(const std::string& token, Instant now = kNow) {
        return cache.verify(token, now).has_value();
    }

    SigningKey old_key = SigningKey::ec();
    SigningKey new_key = SigningKey::ec();
    int misses = 0;
    TokenCache cache{settings(), [this] { ++misses; }};
};

TEST(TokenCache, ForgetsWhatAKeySignedThatIsGone) {
    Scene scene;
    const std::string token = token_of(scene.old_key, "old");
    EXPECT_TRUE(scene.accepts(token));
    EXPECT_TRUE(scene.accepts(token));
    scene.cache.replace_keys(set_of(scene.new_key, "new"));
    EXPECT_FALSE(scene.accepts(token));
    EXPECT_TRUE(scene.accepts(token_of(scene.new_key, "new")));
    // The name of a key is not the key.
    scene.cache.replace_keys(set_of(scene.old_key, "new"));
    EXPECT_FALSE(scene.accepts(token_of(scene.new_key, "new")));
}

TEST(TokenCache, AsksForNoKeyThatTheIssuerTookBack) {
    Scene scene;
    const std::string good = token_of(scene.old_key, "old");
    scene.cache.replace_keys(set_of(scene.new_key, "new"));
    const auto refused = scene.cache.verify(good, kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    EXPECT_EQ(scene.misses, 0);
    EXPECT_EQ(scene.cache.key_sets(), 2U);
}

TEST(TokenCache, TellsOfKeysThatAreNotKnownAndOfNothingElse) {
    Scene scene;
    const std::string good = token_of(scene.old_key, "old");
    EXPECT_TRUE(scene.accepts(good));
    EXPECT_FALSE(scene.accepts(token_of(scene.new_key, "old")));
    EXPECT_FALSE(scene.accepts(good + "A"));
    EXPECT_FALSE(scene.accepts("no token"));
    EXPECT_EQ(scene.misses, 0);
    EXPECT_FALSE(scene.accepts(token_of(scene.new_key, "new")));
    EXPECT_EQ(scene.misses, 1);
}

TEST(TokenCache, LetsWhatItRemembersExpire) {
    Scene scene;
    const std::string token = token_of(scene.old_key, "old");
    EXPECT_TRUE(scene.accepts(token));
    EXPECT_TRUE(scene.accepts(token, kNow + Seconds{119})) << "a minute, and the leeway";
    EXPECT_FALSE(scene.accepts(token, kNow + Seconds{120}));
}

}  // namespace
}  // namespace slipway
