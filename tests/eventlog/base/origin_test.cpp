#include "eventlog/base/origin.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Origin, IsSchemeHostAndPortInLowerCase) {
    EXPECT_EQ(origin_of("https://Deploy.Example/api?x#y"), "https://deploy.example");
    EXPECT_EQ(origin_of("https://deploy.example:8443"), "https://deploy.example:8443");
    EXPECT_EQ(origin_of("https://deploy.example?x"), "https://deploy.example");
    EXPECT_EQ(origin_of("http://[2001:DB8::1]:8080/x"), "http://[2001:db8::1]:8080");
}

TEST(Origin, LeavesOutThePortThatTheSchemeMeans) {
    EXPECT_EQ(origin_of("https://deploy.example:443/"), "https://deploy.example");
    EXPECT_EQ(origin_of("https://deploy.example:00443/"), "https://deploy.example");
    EXPECT_EQ(origin_of("http://deploy.example:80/"), "http://deploy.example");
    EXPECT_EQ(origin_of("http://[::1]:80"), "http://[::1]");
    EXPECT_EQ(origin_of("http://deploy.example:443"), "http://deploy.example:443");
    EXPECT_EQ(origin_of("https://deploy.example:80"), "https://deploy.example:80");
}

TEST(Origin, OfATextThatIsNoUrlIsTheText) {
    EXPECT_EQ(origin_of("deploy.example:443"), "deploy.example:443");
    EXPECT_EQ(origin_of(""), "");
}

}  // namespace
}  // namespace slipway
