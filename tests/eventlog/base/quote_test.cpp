#include "eventlog/base/quote.h"

#include <gtest/gtest.h>

namespace slipway {

namespace {

TEST(Quote, a_short_text_stands_whole) {
    EXPECT_EQ(in_quotes(""), "\"\"");
    EXPECT_EQ(in_quotes("Mars/Olympus"), "\"Mars/Olympus\"");
    EXPECT_EQ(shortened(std::string(kQuotedBytesMax, 'x')), std::string(kQuotedBytesMax, 'x'));
}

TEST(Quote, a_long_text_is_cut_and_says_so) {
    EXPECT_EQ(shortened(std::string(1'000'000, 'x')), std::string(kQuotedBytesMax, 'x') + "…");
    EXPECT_EQ(in_quotes(std::string(kQuotedBytesMax + 1, 'x')),
              '"' + std::string(kQuotedBytesMax, 'x') + "…\"");
}

TEST(Quote, a_character_is_never_cut_in_two) {
    // Two, three and four bytes each; none of 61, 59 or 58 bytes ends at 60.
    EXPECT_EQ(shortened("é€", 4), "é…");
    EXPECT_EQ(shortened("€€", 3), "€…");
    EXPECT_EQ(shortened("€€", 5), "€…");
    EXPECT_EQ(shortened("a😀b", 4), "a…");
    EXPECT_EQ(shortened("a😀b", 5), "a😀…");
    EXPECT_EQ(shortened("😀", 3), "…");
}

TEST(Quote, bytes_that_are_no_characters_are_cut_anywhere) {
    EXPECT_EQ(shortened(std::string(100, '\x80'), 10), std::string(10, '\x80') + "…");
}

TEST(Quote, a_name_in_a_pointer_is_escaped_and_whole_if_it_could_be_a_name) {
    EXPECT_EQ(pointer_segment("a/b~c"), "a~1b~0c");
    const std::string longest(kPointerNameBytesMax, 'x');
    EXPECT_EQ(pointer_segment(longest), longest);
    EXPECT_EQ(pointer_segment(longest + 'x'), std::string(kQuotedBytesMax, 'x') + "…");
}

TEST(Quote, a_pointer_and_a_sentence_that_repeats_it_keep_the_bound) {
    const std::string name(kPointerNameBytesMax, 'x');
    const std::string pointer = '/' + pointer_segment(name);
    EXPECT_LE(pointer.size() + shortened(pointer).size(), kEchoBytesMax + 4);
}

}  // namespace

}  // namespace slipway
