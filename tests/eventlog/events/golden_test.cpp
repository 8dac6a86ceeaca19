#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "tests/eventlog/events/golden_events.h"
#include "tests/eventlog/events/random_events.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Golden, EveryTypeHasAnEvent) {
    std::vector<std::string_view> names;
    for (const auto& recorded : golden_events()) names.push_back(type_name(recorded.event));
    EXPECT_EQ(names, event_type_names());
}

TEST(Golden, BytesOfAReleaseDecodeForEver) {
    for (const auto& [expected, file] : all_golden_events()) {
        const auto decoded = decode(expected.position, golden_bytes(file));
        ASSERT_TRUE(decoded) << file << ": " << decoded.error().message
                             << "\nIf the type or its field is new, the file is:\n"
                             << lines_of_hex(encode(expected.envelope, expected.event));
        EXPECT_EQ(*decoded, expected) << file;
    }
}

TEST(Golden, EventsEncodeToTheBytesOfTheRelease) {
    for (const auto& [recorded, file] : all_golden_events()) {
        EXPECT_EQ(lines_of_hex(encode(recorded.envelope, recorded.event)),
                  lines_of_hex(golden_bytes(file)))
            << file;
    }
}

TEST(Golden, ANewerSchemaVersionIsRefused) {
    const auto decoded = decode(Position{4711}, golden_bytes("refused/schema_version_2.hex"));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().message,
              "event at position 4711: schema version 2; this program reads version 1, so another "
              "one must");
}

TEST(Golden, ATypeOfANewerProgramIsRefused) {
    const auto decoded = decode(Position{4711}, golden_bytes("refused/type_200.hex"));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::invalid);
    EXPECT_EQ(decoded.error().message,
              "event at position 4711: type number 200; this program knows 1 to 45, so a newer one "
              "wrote it");
}

}  // namespace
}  // namespace slipway
