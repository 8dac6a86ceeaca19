#include "server/targets/excerpt.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Excerpt, IsOneLine) {
    EXPECT_EQ(excerpt_of("  a \r\n\tb\x01\x7f c  ", 100), "a b c");
    EXPECT_EQ(excerpt_of(std::string_view("a\0b", 3), 100), "a b");
    EXPECT_EQ(excerpt_of("", 100), "");
}

TEST(Excerpt, KeepsCharactersWhole) {
    EXPECT_EQ(excerpt_of("d\u00e9ploy\u00e9 \u2713 \U0001F6A2", 100),
              "d\u00e9ploy\u00e9 \u2713 \U0001F6A2");
    EXPECT_EQ(excerpt_of("ab\u2713", 4), "ab");
    EXPECT_EQ(excerpt_of("ab\u2713", 5), "ab\u2713");
    EXPECT_EQ(excerpt_of("ab cd", 3), "ab");
}

TEST(Excerpt, ReplacesBytesThatAreNotUtf8) {
    EXPECT_EQ(excerpt_of("a\xff", 100), "a?");
    EXPECT_EQ(excerpt_of("\xc3", 100), "?");
    EXPECT_EQ(excerpt_of("\xc0\xaf", 100), "??");
    EXPECT_EQ(excerpt_of("\xed\xa0\x80", 100), "???");
    EXPECT_EQ(excerpt_of("\xf4\x90\x80\x80", 100), "????");
    EXPECT_EQ(excerpt_of("\xe0\x80\x80", 100), "???");
}

TEST(Excerpt, LeavesOutWhatChangesHowTheRestIsShown) {
    EXPECT_EQ(excerpt_of("a\u202Eb\u200Bc\uFEFFd\u2066e", 100), "abcde");
    EXPECT_EQ(excerpt_of("a\U000E0041b\uFFF9c", 100), "abc") << "a tag, an annotation";
    EXPECT_EQ(excerpt_of("\u0928\u094D\u200D", 100), "\u0928\u094D\u200D") << "a joiner";
    EXPECT_EQ(excerpt_of("a\u2028b\u0085c", 100), "a b c");
}

}  // namespace
}  // namespace slipway
