// The bytes of the format page (eventlog/README.md): what is on people's disks, so these never
// change.

#include "eventlog/log/record.h"

#include "eventlog/log/keys.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr Uuid kDigestedLogId{0x0190'2f39'4000'7000ULL, 0x8000'0000'0000'0001ULL};
constexpr Uuid kStream{0x0190'2f39'4000'7000ULL, 0x8000'0000'0000'0002ULL};

TEST(Format, OfTheKeys) {
    EXPECT_EQ(hex_of(event_key(Position{258})), "650000000000000102");
    EXPECT_EQ(hex_of(stream_key(kStream, Version{3})),
              "73"
              "01902f39400070008000000000000002"
              "00000003");
    EXPECT_EQ(hex_of(team_key(kStream, Position{258})),
              "74"
              "01902f39400070008000000000000002"
              "0000000000000102");
    EXPECT_EQ(hex_of(position_value(Position{258})), "0000000000000102");
}

TEST(Format, OfARecord) {
    Digest digest{};
    const std::string bytes =
        record_bytes(Position{1}, "hello", genesis_digest(kDigestedLogId), digest);
    EXPECT_EQ(hex_of(bytes.substr(0, 16)),
              "01"
              "000000"
              "00000005"
              "0000000000000001");
    EXPECT_EQ(hex_of(bytes.substr(16, 4)), "f295cdb3");
    EXPECT_EQ(bytes.substr(20, 5), "hello");
    EXPECT_EQ(hex_of(bytes.substr(25)), hex_of(bytes_of(digest)));
    EXPECT_EQ(hex_of(bytes_of(genesis_digest(kDigestedLogId))),
              "ec3acf4d542ab98b00acd3cb4bf1415174c6df124ab63c780f75814fc275237f");
    EXPECT_EQ(hex_of(bytes_of(digest)),
              "0d473c8e554a58c9482569592783f3a234bc52efc3c664878315d7846ce1fcf8");
}

TEST(Format, OfTheTail) {
    const Tail tail{Position{258}, genesis_digest(kDigestedLogId)};
    const std::string value = tail_value(tail);
    EXPECT_EQ(hex_of(value.substr(0, 8)), "0000000000000102");
    EXPECT_EQ(value.substr(8), bytes_of(tail.digest));
    EXPECT_EQ(*tail_of_value(value), tail);
    EXPECT_FALSE(tail_of_value(value.substr(1)));
}

TEST(Record, IsReadBackAndFollowsOnlyItsOwnPast) {
    Digest first{};
    Digest second{};
    const std::string one = record_bytes(Position{1}, "one", genesis_digest(kDigestedLogId), first);
    const std::string two = record_bytes(Position{2}, "", first, second);
    const auto read = read_record(Position{2}, two);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->payload, "");
    EXPECT_EQ(read->digest, second);
    EXPECT_TRUE(follows(first, *read, two));
    EXPECT_FALSE(follows(second, *read, two));
    EXPECT_FALSE(follows(genesis_digest(kDigestedLogId), *read, two));
}

TEST(Record, WithAFewBitsOfItsDigestFlippedIsTheOneThatIsDamaged) {
    Digest first{};
    record_bytes(Position{1}, "one", genesis_digest(kDigestedLogId), first);
    Digest second{};
    const std::string good = record_bytes(Position{2}, "two", first, second);
    const auto is_damaged = [](const Digest& previous, const std::string& bytes) {
        return has_damaged_digest(previous, *read_record(Position{2}, bytes), bytes);
    };
    EXPECT_FALSE(is_damaged(first, good));
    std::string bad = good;
    bad.back() = static_cast<char>(bad.back() ^ 0x10);
    EXPECT_TRUE(is_damaged(first, bad));
    // Another record before it would make quite another digest.
    EXPECT_FALSE(is_damaged(second, good));
    EXPECT_FALSE(is_damaged(second, bad));
}

TEST(Record, OfAnyOtherLengthIsRefused) {
    Digest digest{};
    const std::string bytes = record_bytes(Position{1}, "one", {}, digest);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto read = read_record(Position{1}, bytes.substr(0, length));
        ASSERT_FALSE(read) << length;
        EXPECT_EQ(read.error().code, ErrorCode::corruption);
    }
    EXPECT_FALSE(read_record(Position{1}, bytes + "x"));
}

TEST(Keys, SortAsTheirNumbers) {
    EXPECT_LT(event_key(Position{255}), event_key(Position{256}));
    EXPECT_LT(stream_key(kStream, Version{255}), stream_key(kStream, Version{256}));
    EXPECT_EQ(position_of_event_key(event_key(Position{UINT64_MAX})), Position{UINT64_MAX});
    EXPECT_EQ(position_of_team_key(team_key(kStream, Position{9})), Position{9});
    EXPECT_FALSE(position_of_event_key("m/tail"));
    EXPECT_FALSE(position_of_team_key(event_key(Position{9})));
}

}  // namespace
}  // namespace slipway
