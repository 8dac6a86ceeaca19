#include "eventlog/base/url.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

CalledUrl good(const std::string& url) {
    const auto called = called_by(url);
    const auto* const flaw = std::get_if<std::string>(&called);
    EXPECT_EQ(flaw, nullptr) << url << " " << *flaw;
    return flaw == nullptr ? std::get<CalledUrl>(called) : CalledUrl{};
}

TEST(CalledUrl, HasTheHostThatIsConnectedTo) {
    EXPECT_EQ(good("https://Deploy.Example.com:8443/x?y#z").host, "deploy.example.com");
    EXPECT_FALSE(good("https://deploy.example.com/").is_public_address.has_value());
    EXPECT_TRUE(good("HTTPS://deploy.example.com/").is_https);
    EXPECT_FALSE(good("Http://my_service:9000/x").is_https);
    EXPECT_EQ(good("https://deploy.example.com./x").host, "deploy.example.com.");
    EXPECT_EQ(good("https://xn--bcher-kva.example/").host, "xn--bcher-kva.example");
}

TEST(CalledUrl, SaysOfAnAddressWhetherItIsPublic) {
    for (const auto* const url : {"https://8.8.8.8/x", "https://[2606:4700::1111]/",
                                  "https://[2606:4700:0:0::1111]:8443/x"}) {
        EXPECT_EQ(good(url).is_public_address, true) << url;
    }
    for (const auto* const url :
         {"https://169.254.169.254/x", "https://10.0.0.1/", "https://127.0.0.1:8080",
          "https://[::1]/", "https://[fd00::1]/", "https://[fe80::1]/",
          "https://[::ffff:10.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[64:ff9b::a00:1]/",
          "https://100.64.0.1/", "https://0.0.0.0/", "https://224.0.0.1/", "https://192.168.1.1/",
          "https://[::]/"}) {
        EXPECT_EQ(good(url).is_public_address, false) << url;
    }
}

TEST(CalledUrl, IsNoneThatNobodyCanCall) {
    for (const auto* const url : {"http://[::1",
                                  "http://.../x",
                                  "http://-a/x",
                                  "http://a-/x",
                                  "http://a..b/x",
                                  "http://.a/x",
                                  "http://a%2eb/x",
                                  "http://%31%30.0.0.1/",
                                  "https://0x7f000001/",
                                  "https://2130706433/",
                                  "https://0177.0.0.1/",
                                  "https://127.1/",
                                  "https://0x7f.1/",
                                  "https://127.0.0.1./",
                                  "https://256.1.1.1/",
                                  "https://1.2.3.4.5/",
                                  "https://example.0x1/",
                                  "https://[fe80::1%25eth0]/",
                                  "https://[fe80::1%eth0]/",
                                  "https://[::1]x/",
                                  "https://[v1.x]/",
                                  "https://a b/",
                                  "https://a\\b/",
                                  "https://a,b/",
                                  "https:///x",
                                  "https://?x",
                                  "ftp://example.com/",
                                  "//example.com/",
                                  "https:example.com",
                                  "https:/example.com",
                                  "",
                                  "https://\xEF\xBC\x91\xEF\xBC\x90.0.0.1/",
                                  "https://127\xE3\x80\x82"
                                  "0\xE3\x80\x82"
                                  "0\xE3\x80\x82"
                                  "1/"}) {
        EXPECT_TRUE(std::holds_alternative<std::string>(called_by(url))) << url;
    }
    EXPECT_TRUE(
        std::holds_alternative<std::string>(called_by("https://" + std::string(64, 'a') + "/")));
}

}  // namespace
}  // namespace slipway
