#include "server/auth/seal.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

const std::string key(kSealKeyBytes, 'k');

TEST(Seal, OpensWithItsKey) {
    for (const std::string plain : {"", "a secret", "\n"}) {
        EXPECT_EQ(unseal(key, seal(key, plain, "for this"), "for this"), plain);
    }
}

TEST(Seal, OpensWithNoOtherKeyAndForNothingElse) {
    const std::string sealed = seal(key, "a secret", "for this");
    EXPECT_EQ(unseal(std::string(kSealKeyBytes, 'x'), sealed, "for this"), std::nullopt);
    EXPECT_EQ(unseal(key, sealed, "for that"), std::nullopt);
}

TEST(Seal, DoesNotOpenOnceAnyByteWasChangedOrCutOff) {
    const std::string sealed = seal(key, "a secret", "for this");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(unseal(key, changed, "for this"), std::nullopt) << i;
        EXPECT_EQ(unseal(key, sealed.substr(0, i), "for this"), std::nullopt) << i;
    }
}

TEST(Seal, NeverGivesTheSameBytesTwice) {
    EXPECT_NE(seal(key, "a secret", ""), seal(key, "a secret", ""));
}

TEST(Seal, ShowsNothingOfWhatItHolds) {
    EXPECT_EQ(seal(key, "a secret", "for this").find("secret"), std::string::npos);
}

// NIST's GCM test case 14 (McGrew and Viega): all zero. Ours has the nonce before it.
TEST(Seal, OpensWhatAnotherImplementationSealed) {
    const std::string zero_key(kSealKeyBytes, '\0');
    std::string sealed(12, '\0');
    for (const int byte : {0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5,
                           0xd3, 0xba, 0xf3, 0x9d, 0x18, 0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99,
                           0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19}) {
        sealed += static_cast<char>(byte);
    }
    EXPECT_EQ(unseal(zero_key, sealed, ""), std::string(16, '\0'));
}

}  // namespace
}  // namespace slipway
