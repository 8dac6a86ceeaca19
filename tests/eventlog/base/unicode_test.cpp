#include "eventlog/base/unicode.h"

#include "eventlog/base/json_writer.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace slipway {
namespace {

TEST(Characters, AreCodePointsAndNotBytes) {
    EXPECT_EQ(characters_in(""), 0U);
    EXPECT_EQ(characters_in("abc"), 3U);
    EXPECT_EQ(characters_in("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x80"), 3U);
    EXPECT_EQ(characters_in("a\xCC\x81"), 2U) << "a mark that combines is one of its own";
    EXPECT_EQ(characters_in("\xFF\xC3"), 2U) << "each byte that is no UTF-8";
}

TEST(Hidden, AreControlsDirectionsAndWhatHasNoWidth) {
    for (const char32_t code_point : std::initializer_list<char32_t>{
             0x00, 0x09, 0x1B, 0x7F, 0x80, 0x9B, 0x9F, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028,
             0x202A, 0x202E, 0x2060, 0x2066, 0x2069, 0xFEFF, 0xE0041}) {
        EXPECT_TRUE(is_hidden(code_point)) << code_point_text(code_point);
    }
    for (const char32_t code_point : std::initializer_list<char32_t>{
             0x20, 0x7E, 0xA0, 0xE9, 0x200C, 0x200D, 0x202F, 0xFE0F, 0x1F680}) {
        EXPECT_FALSE(is_hidden(code_point)) << code_point_text(code_point);
    }
}

TEST(Hidden, AreFoundUnlessTheyAreAllowed) {
    EXPECT_EQ(hidden_in("caf\xC3\xA9"), 0U);
    EXPECT_EQ(hidden_in("a\nb\xE2\x80\xAE"), U'\n');
    EXPECT_EQ(hidden_in("a\nb\xE2\x80\xAE", U"\n"), U'\u202E');
    EXPECT_EQ(code_point_text(U'\u202E'), "U+202E");
}

TEST(Hidden, AreEscapedForATerminal) {
    EXPECT_EQ(shown_safely("caf\xC3\xA9 \xE2\x80\x8D"), "caf\xC3\xA9 \xE2\x80\x8D");
    EXPECT_EQ(shown_safely("\x1B[2J\xC2\x9B\xE2\x80\xAE"), "\\u{001B}[2J\\u{009B}\\u{202E}");
    EXPECT_EQ(shown_safely("a\nb", U"\n"), "a\nb");
    EXPECT_EQ(shown_safely("\x9B\xC3"), "\\x9B\\xC3");
}

TEST(Hidden, AreEscapedInJsonAndMeanTheSame) {
    std::string out;
    JsonWriter json{out};
    json.value("\x1B\x7F\xC2\x9B\xE2\x80\xAE\xF3\xA0\x81\x81\xC3\xA9");
    EXPECT_EQ(out, "\"\\u001b\\u007f\\u009b\\u202e\\udb40\\udc41\xC3\xA9\"");
}

}  // namespace
}  // namespace slipway
