#include "tools/client/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
    std::vector<std::string> lines;
    LineReader reader;
    for (const auto& piece : pieces) {
        EXPECT_TRUE(reader.take(piece, [&](std::string_view line) {
            lines.emplace_back(line);
            return true;
        }));
    }
    return lines;
}

TEST(LineReader, ShowsALineWhenItEnds) {
    EXPECT_THAT(lines_of({"a", "b\n", "\nc\nd"}), ElementsAre("ab", "", "c"));
    EXPECT_THAT(lines_of({"", "abc"}), IsEmpty());
}

TEST(LineReader, KeepsWhatHasNotEnded) {
    LineReader reader;
    EXPECT_TRUE(reader.take("a\nbc", [](std::string_view) { return true; }));
    EXPECT_EQ(reader.rest(), "bc");
}

TEST(LineReader, EndsWithWhoHasSeenEnough) {
    LineReader reader;
    int seen = 0;
    EXPECT_FALSE(reader.take("a\nb\n", [&](std::string_view) {
        ++seen;
        return false;
    }));
    EXPECT_EQ(seen, 1);
}

TEST(LineReader, TakesNoLineThatGrowsForEver) {
    const std::string piece(kLineBytesMax / 4, 'x');
    const auto visit = [](std::string_view) { return true; };
    LineReader reader;
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(reader.take(piece, visit));
    EXPECT_FALSE(reader.take("x", visit));
    EXPECT_TRUE(reader.is_over_long());
}

constexpr std::string_view kStream =
    ":\n\nid: 7\nevent: TeamCreated\ndata: {\"a\": 1}\n\n:\n\nid: 9\r\ndata:{}\r\n\r\nid: 10\n";

std::vector<std::string> messages_of(std::string_view text, std::size_t piece_bytes) {
    std::vector<std::string> messages;
    EventFeed feed;
    for (; !text.empty(); text.remove_prefix(std::min(piece_bytes, text.size()))) {
        EXPECT_TRUE(feed.take(text.substr(0, piece_bytes), [&](const EventFeed::Message& message) {
            messages.push_back(message.id + " " + message.data);
            return true;
        }));
    }
    return messages;
}

TEST(EventFeed, ShowsEachMessageHoweverItIsCut) {
    for (std::size_t bytes = 1; bytes <= kStream.size(); ++bytes) {
        EXPECT_THAT(messages_of(kStream, bytes), ElementsAre("7 {\"a\": 1}", "9 {}")) << bytes;
    }
}

TEST(EventFeed, EndsWithWhoHasSeenEnough) {
    EventFeed feed;
    EXPECT_FALSE(feed.take(kStream, [](const EventFeed::Message&) { return false; }));
}

}  // namespace
}  // namespace slipway
