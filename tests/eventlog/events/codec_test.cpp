#include "eventlog/events/codec.h"

#include "eventlog/base/json_writer.h"
#include "tests/eventlog/events/golden_events.h"
#include "tests/eventlog/events/random_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace slipway {
namespace {

using testing::HasSubstr;

constexpr int kCodecRounds = 200;

// In a block of exactly that size, so that AddressSanitizer sees a read beyond it.
Result<RecordedEvent> decode_alone(std::string_view bytes) {
    const auto block = std::make_unique<char[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), block.get());
    return decode(Position{1}, {block.get(), bytes.size()});
}

// Whatever is decoded is an event like any other: it can be shown, encoded and decoded again.
void expect_whole(const Result<RecordedEvent>& decoded) {
    if (!decoded) {
        EXPECT_EQ(decoded.error().code, ErrorCode::invalid);
        return;
    }
    std::string text;
    JsonWriter json{text};
    write_json(json, *decoded, nullptr);
    const auto again = decode(Position{1}, encode(decoded->envelope, decoded->event));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *decoded);
}

TEST(Codec, GivesBackEveryFieldOfEveryType) {
    for (std::size_t type = 0; type < std::variant_size_v<EventVariant>; ++type) {
        RandomEvents random{type};
        for (int round = 0; round < kCodecRounds; ++round) {
            const RecordedEvent recorded = random.next(type);
            const auto decoded =
                decode(recorded.position, encode(recorded.envelope, recorded.event));
            ASSERT_TRUE(decoded) << decoded.error().message;
            ASSERT_EQ(*decoded, recorded);
        }
    }
}

TEST(Codec, GivesTheSameBytesForTheSameEvent) {
    for (std::size_t type = 0; type < std::variant_size_v<EventVariant>; ++type) {
        RandomEvents random{type};
        const RecordedEvent recorded = random.next(type);
        const std::string bytes = encode(recorded.envelope, recorded.event);
        encode({}, DispatchHeld{DispatchReason::moved, std::string(10'000, 'x')});
        EXPECT_EQ(encode(recorded.envelope, recorded.event), bytes);
    }
}

TEST(Codec, KeepsAZoneThatWasGivenUnderAnotherName) {
    DeploymentRescheduled event{.time = {.timezone = "Europe/Berlin", .tzdb_version = "2025b"}};
    for (const std::string original : {"Europe/Berlin", "Arctic/Longyearbyen", ""}) {
        event.time.original_timezone = original;
        const auto decoded = decode(Position{1}, encode({}, event));
        ASSERT_TRUE(decoded);
        EXPECT_EQ(std::get<DeploymentRescheduled>(decoded->event), event) << original;
    }
}

TEST(Codec, NeedsNoMoreThan260BytesForAPlainDeploymentScheduled) {
    const Uuid uuid{0x0190a1b2c3d47000, 0x8000000000000001};
    const DeploymentScheduled event{.schedule = ScheduleId{uuid},
                                    .app = AppId{uuid},
                                    .app_version = Version{3},
                                    .time = {.wall_clock = LocalTime{Seconds{1'802'228'400}},
                                             .original_timezone = "America/New_York",
                                             .timezone = "America/New_York",
                                             .due_at = Instant{Millis{1'802'246'400'000}},
                                             .utc_offset_seconds = Seconds{-18'000},
                                             .tzdb_version = "2025b"}};
    const Envelope envelope{.recorded_at = Instant{Millis{1'800'000'000'123}},
                            .stream = uuid,
                            .stream_version = Version{1},
                            .team = TeamId{uuid},
                            .actor = {ActorKind::user, UserId{uuid}, ""}};
    EXPECT_LE(encode(envelope, event).size(), 260);
}

TEST(Codec, ReadsBytesAtAnyAddress) {
    const RecordedEvent recorded = golden_events().front();
    const std::string bytes = encode(recorded.envelope, recorded.event);
    for (std::size_t shift = 0; shift < 8; ++shift) {
        const auto decoded = decode(
            recorded.position, std::string_view{std::string(shift, ' ') + bytes}.substr(shift));
        ASSERT_TRUE(decoded) << decoded.error().message;
        EXPECT_EQ(*decoded, recorded);
    }
}

TEST(Codec, RefusesATimeThatNoCalendarShows) {
    const auto far = decode(Position{9}, encode({.recorded_at = Instant::max()}, DispatchArmed{}));
    ASSERT_FALSE(far);
    EXPECT_THAT(far.error().message, HasSubstr("event at position 9: its envelope holds a value"));
    const DeploymentExpedited event{.due_at = Instant::min()};
    const auto early = decode(Position{9}, encode({}, event));
    ASSERT_FALSE(early);
    EXPECT_THAT(early.error().message, HasSubstr("its DeploymentExpedited holds a value"));
}

TEST(Codec, RefusesAWordThatItDoesNotKnow) {
    DispatchHeld event;
    event.reason = static_cast<DispatchReason>(77);
    const auto decoded = decode(Position{9}, encode({}, event));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::invalid);
    EXPECT_EQ(
        decoded.error().message,
        "event at position 9: its DispatchHeld holds a value that this program does not know");
}

TEST(Codec, SurvivesBytesThatAreCutAnywhere) {
    for (const auto& recorded : golden_events()) {
        const std::string bytes = encode(recorded.envelope, recorded.event);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            expect_whole(decode_alone(std::string_view{bytes}.substr(0, size)));
        }
    }
}

TEST(Codec, SurvivesAnyByteThatIsChanged) {
    for (const auto& recorded : golden_events()) {
        const std::string bytes = encode(recorded.envelope, recorded.event);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            for (const int mask : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
                std::string changed = bytes;
                changed[at] = static_cast<char>(changed[at] ^ mask);
                expect_whole(decode_alone(changed));
            }
        }
    }
}

TEST(Codec, SurvivesSeveralBytesThatAreChanged) {
    std::mt19937_64 random{1};
    const auto golden = golden_events();
    for (int round = 0; round < 50'000; ++round) {
        const auto& recorded = golden[random() % golden.size()];
        std::string bytes = encode(recorded.envelope, recorded.event);
        for (auto left = 1 + random() % 6; left > 0; --left) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        expect_whole(decode_alone(bytes));
    }
}

}  // namespace
}  // namespace slipway
