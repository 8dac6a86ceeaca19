#include "server/targets/webhook/signature.h"

#include "server/auth/secrets.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr Seconds kTimestamp{1'614'265'330};
constexpr std::string_view kBody = R"({"test": 2432232314})";

// The bytes of whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw.
std::string published_secret() {
    return "\x31\xf2\x90\xf6\xbf\x06\x29\x8a\xab\x4f\x08\xd4\x3c\x3f\x08\x2c\xf6\x48\xa3\x62\xda"
           "\x2d\xa4\xb0";
}

TEST(WebhookSignature, IsThatOfTheSpecification) {
    EXPECT_EQ(signing_secret_text(published_secret()), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    EXPECT_EQ(webhook_signature(kId, kTimestamp, kBody, {published_secret()}),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, ListsOneOfEachSecret) {
    const std::string first = webhook_signature(kId, kTimestamp, kBody, {"one"});
    const std::string second = webhook_signature(kId, kTimestamp, kBody, {"two"});
    EXPECT_NE(first, second);
    EXPECT_EQ(webhook_signature(kId, kTimestamp, kBody, {"one", "two"}), first + " " + second);
}

TEST(WebhookSignature, DependsOnAllThatIsSigned) {
    const std::string signature = webhook_signature("a", Seconds{1}, "b", {"s"});
    EXPECT_NE(webhook_signature("c", Seconds{1}, "b", {"s"}), signature);
    EXPECT_NE(webhook_signature("a", Seconds{2}, "b", {"s"}), signature);
    EXPECT_NE(webhook_signature("a", Seconds{1}, "c", {"s"}), signature);
}

TEST(WebhookSignatureDeathTest, RefusesAnIdThatCouldBeReadTwoWays) {
    EXPECT_DEATH(webhook_signature("a.1", Seconds{1}, "b", {"s"}), "CHECK failed");
}

}  // namespace
}  // namespace slipway
