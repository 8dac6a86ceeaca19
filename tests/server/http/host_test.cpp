#include "server/http/host.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Host, IsANameOrAnAddressAndMaybeAPort) {
    for (const auto* text : {"a", "a.example", "a.example:8080", "127.0.0.1", "127.0.0.1:", "[::1]",
                             "[::1]:80", "a_b-c.d~e", "[::ffff:1.2.3.4]:8", "a%20b"}) {
        EXPECT_TRUE(is_host(text)) << text;
    }
}

TEST(Host, IsNothingElse) {
    for (const auto* text :
         {"",        ":",       ":80",   "[]",  "[]:80",    "[",        "[::1", "::1]",
          "[::1]80", "[::1]:x", "[::g]", "a:x", "a:80:90",  "a:123456", "u@a",  "a/b",
          "a b",     " a",      "a?b",   "a#b", "\xC3\xA4", "a\\b"}) {
        EXPECT_FALSE(is_host(text)) << text;
    }
}

}  // namespace
}  // namespace slipway
