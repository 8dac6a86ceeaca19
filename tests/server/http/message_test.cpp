#include "server/http/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::Pair;

Request of(std::string_view target) {
    Request request;
    EXPECT_TRUE(parse_target(target, request)) << target;
    return request;
}

bool is_target(std::string_view target) {
    Request request;
    return parse_target(target, request);
}

TEST(Target, IsAPathAndAQueryDecoded) {
    const Request request = of("/v1/a%20b?name=x+y&&flag&n=%2B");
    EXPECT_EQ(request.path, "/v1/a b");
    EXPECT_THAT(request.query, ElementsAre(Pair("name", "x y"), Pair("flag", ""), Pair("n", "+")));
}

TEST(Target, MayBeAWholeUrlWhoeverItNames) {
    for (const auto* url : {"http://a/v1/apps?limit=1", "https://a:443/v1/apps?limit=1",
                            "HTTP://[::1]:8080/v1/apps?limit=1", "Https://a.b_c%20/v1/apps?limit=1",
                            "http://127.0.0.1:/v1/apps?limit=1"}) {
        const Request request = of(url);
        EXPECT_EQ(request.target, "/v1/apps?limit=1") << url;
        EXPECT_EQ(request.path, "/v1/apps") << url;
        EXPECT_THAT(request.query, ElementsAre(Pair("limit", "1"))) << url;
    }
    EXPECT_EQ(of("http://a").target, "/");
    EXPECT_EQ(of("http://a?b=c").target, "/?b=c");
}

TEST(Target, IsNothingElse) {
    for (const auto* text : {"",
                             "*",
                             "healthz",
                             "a:80",
                             "http:",
                             "http:/a",
                             "http://",
                             "http:///a",
                             "http://?a",
                             "http://:80/a",
                             "http://u@a/b",
                             "http://u:w@a/b",
                             "http://a#b/c",
                             "http://a\\b",
                             "ftp://a/b",
                             "://a/b",
                             "httpx://a/b",
                             "/%zz",
                             "/%0",
                             "/%00",
                             "http://a/%00",
                             "/?a=%1f"}) {
        EXPECT_FALSE(is_target(text)) << text;
    }
}

TEST(Target, EncodesNothingInItsPathThatTwoMayReadDifferently) {
    for (const auto* text :
         {"/v1%2Fapps", "/v1%2fapps", "/v1/%2e%2e/apps", "/v1/%2E/apps", "/v1%5Capps", "/v1%5capps",
          "/v1/%61pps", "/%761/apps", "/v1/apps%3Fa", "/v1/apps%23", "/v1/apps%3Bx", "/v1/apps%7E",
          "/v1/app%5F1", "/v1%252Fapps", "/v1/%25%32%46apps", "/v1/%%32%46apps", "/%2F",
          "http://a/v1%2Fapps", "/v1/apps%2"}) {
        EXPECT_FALSE(is_target(text)) << text;
    }
    EXPECT_EQ(of("/a%20b%22%C3%A9%7B%7D").path, "/a b\"é{}");
    EXPECT_THAT(of("/a?b=%2F%2e%25%61").query, ElementsAre(Pair("b", "/.%a")));
}

TEST(Authorization, IsOneTextForOneToken) {
    for (const auto* value : {"Bearer a.b", "bearer a.b", "BEARER   a.b"}) {
        EXPECT_EQ(read_authorization(value), "Bearer a.b") << value;
    }
    for (const auto* value :
         {"", "Bearer", "bearer", "Bearera.b", "Bearer\ta.b", "basic a.b", "bear er"}) {
        EXPECT_EQ(read_authorization(value), value);
    }
}

TEST(List, IsOfOneWordOrNot) {
    for (const auto* list : {"", " , ", "identity", "IDENTITY\t,,identity ,"}) {
        EXPECT_TRUE(lists_only(list, "identity")) << list;
    }
    for (const auto* list :
         {"gzip", "identity, gzip", "identity;q=1", "ident, ity", "identity x"}) {
        EXPECT_FALSE(lists_only(list, "identity")) << list;
    }
}

}  // namespace
}  // namespace slipway
