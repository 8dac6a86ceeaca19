#include "server/api/accept.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway {
namespace {

constexpr std::string_view kJson = "application/json";

TEST(Accept, TakesWhatIsInARange) {
    for (const auto* accept :
         {"application/json", "Application/JSON", "*/*", "application/*",
          "text/html, application/json", "text/html;q=0.9,\t*/*;q=0.001",
          "application/json;charset=utf-8", "application/json ; q=1.000",
          "text/html , , application/json", "application/json;profile=\"a,b;q=0\\\"\"",
          "application/json;;q=0.5;", "application/json;Q=0.1"}) {
        EXPECT_TRUE(accepts(accept, kJson)) << accept;
    }
}

TEST(Accept, RefusesWhatIsInNone) {
    for (const auto* accept :
         {"text/html", "text/*", "application/problem+json", "application/jsonx",
          "xapplication/json", "application/xml;note=\"application/json\"", "text/html;a=\"*/*\"",
          "image/*, text/json"}) {
        EXPECT_FALSE(accepts(accept, kJson)) << accept;
    }
}

TEST(Accept, FollowsTheRangeThatSaysMost) {
    EXPECT_FALSE(accepts("application/json;q=0", kJson));
    EXPECT_FALSE(accepts("*/*, application/json;q=0.000", kJson));
    EXPECT_FALSE(accepts("application/json;q=0., */*;q=1", kJson));
    EXPECT_FALSE(accepts("application/*;q=0, */*", kJson));
    EXPECT_TRUE(accepts("*/*;q=0, application/json", kJson));
    EXPECT_TRUE(accepts("application/json;q=0.1, application/*;q=0", kJson));
    EXPECT_TRUE(accepts("application/json;q=0, application/json;version=1", kJson));
}

TEST(Accept, SaysNothingWhereItCannotBeRead) {
    for (const auto* accept : {"",
                               " ",
                               ",,",
                               "json",
                               "/",
                               "text/",
                               "/json",
                               "*/json",
                               "*",
                               "text/html, image/gif, *; q=.2, */*; q=.2",
                               "text/html;q=2",
                               "text/html;q=1.1",
                               "text/html;q=0.1234",
                               "text/html;q=x",
                               "text/html;q=0,5",
                               "text/html;q",
                               "text/html;q=\"0\"",
                               "text/html text/plain",
                               "text/html;a=\"",
                               "text/html;a=\"\\",
                               "text/ht\xc3\xa4ml"}) {
        EXPECT_TRUE(accepts(accept, kJson)) << accept;
    }
}

TEST(Accept, IsReadToItsEndWhateverItIs) {
    for (const std::string_view part :
         {",", ";", "\"", "\\\"", "a/b,", "a/b;q=0,", "*/*;a=\"\\", "/"}) {
        std::string accept;
        while (accept.size() < 16'000) accept += part;
        accepts(accept, kJson);
        EXPECT_TRUE(accepts("application/json," + accept, kJson)) << part;
    }
}

}  // namespace
}  // namespace slipway
