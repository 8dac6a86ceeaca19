#include "tools/log_reading/chain.h"

#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "eventlog/log/record.h"
#include "tests/eventlog/events/random_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr Uuid kLogId{1, 2};
const Digest kStart = genesis_digest(kLogId);

// What a server answers: an event of each type, and the one that records the request.
std::vector<std::string> whole_log() {
    constexpr std::size_t kTypes = std::variant_size_v<EventVariant>;
    RandomEvents random{7};
    Digest digest = kStart;
    std::vector<std::string> lines;
    for (std::size_t type = 0; type <= kTypes; ++type) {
        RecordedEvent recorded = random.next(std::min(type, kTypes - 1));
        if (type == kTypes) {
            recorded.event = DataExported{ExportKind::log};
            recorded.envelope.stream = Uuid{};
        }
        recorded.position = Position{type + 1};
        const Digest previous = digest;
        record_bytes(recorded.position, encode(recorded.envelope, recorded.event), previous,
                     digest);
        JsonWriter json{lines.emplace_back()};
        write_json(json, recorded, &digest);
    }
    return lines;
}

struct Outcome {
    std::size_t shown = 0;
    std::string error;
};

Outcome read(const std::vector<std::string>& lines, Position end, const Digest& start = kStart) {
    LogLines log{start, end};
    Outcome outcome;
    for (const auto& line : lines) {
        const auto taken = log.take(line, [&](const RecordedEvent& recorded, const Digest&) {
            EXPECT_EQ(recorded.position.value, ++outcome.shown);
            return true;
        });
        if (!taken) {
            EXPECT_EQ(taken.error().code, ErrorCode::corruption);
            outcome.error = taken.error().message;
            return outcome;
        }
    }
    if (const auto finished = log.finish("the answer ends"); !finished) {
        EXPECT_EQ(finished.error().code, ErrorCode::corruption);
        outcome.error = finished.error().message;
    }
    return outcome;
}

std::string at(std::size_t position) {
    return "log: record at position " + std::to_string(position) + ": ";
}

TEST(LogLines, AreShownWhenTheyAreProved) {
    const auto lines = whole_log();
    const Outcome outcome = read(lines, Position{lines.size()});
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.shown, lines.size());
}

// A log whose first line says which log it is and where it ends.
std::vector<std::string> headed_log(const LogHead& head) {
    auto lines = whole_log();
    const auto first = event_of_json(lines[0]);
    const auto digest = digest_of_line(lines[0]);
    lines[0].clear();
    JsonWriter json{lines[0]};
    write_json(json, *first, &*digest, &head);
    return lines;
}

TEST(LogLines, SayInTheFirstWhichLogTheyAreOf) {
    const auto plain = whole_log();
    const Position end{plain.size()};
    const LogHead head{kLogId, end, *digest_of_line(plain.back())};
    const auto lines = headed_log(head);
    EXPECT_EQ(*log_head_of_line(lines[0]), head);
    EXPECT_EQ(*log_head_of_line(lines[1]), std::nullopt);
    EXPECT_EQ(read(lines, end).error, "");
    EXPECT_THAT(read(headed_log({Uuid{3, 4}, end, head.digest}), end).error, StartsWith(at(1)));
    EXPECT_THAT(read(headed_log({kLogId, Position{3}, head.digest}), end).error, StartsWith(at(1)));
    EXPECT_THAT(read(headed_log({kLogId, end, kStart}), end).error, StartsWith(at(end.value)));
}

TEST(LogHead, InAnotherFormIsRefused) {
    for (const std::string_view bad :
         {R"({"log":5})", R"({"log":{}})", R"({"log":{"id":"x","position":1,"digest":"y"}})",
          R"({"log":{"id":5,"position":1,"digest":"y"}})",
          R"({"log":{"id":"01h455vb4pex5vsknk084sn02q","position":-1,"digest":"y"}})"}) {
        const auto head = log_head_of_line(bad);
        ASSERT_FALSE(head) << bad;
        EXPECT_EQ(head.error().code, ErrorCode::corruption);
    }
    EXPECT_EQ(*log_head_of_line("no JSON"), std::nullopt);
}

TEST(LogLines, WithAByteThatWasChangedAreNamedAndNotShown) {
    const auto lines = whole_log();
    for (const std::size_t changed : {std::size_t{0}, lines.size() / 2, lines.size() - 1}) {
        for (std::size_t i = 0; i < lines[changed].size(); ++i) {
            auto bad = lines;
            bad[changed][i] ^= 1;
            const Outcome outcome = read(bad, Position{lines.size()});
            EXPECT_THAT(outcome.error, StartsWith(at(changed + 1))) << bad[changed];
            EXPECT_EQ(outcome.shown, changed);
        }
    }
}

TEST(LogLines, ThatChangedPlacesAreNamed) {
    auto lines = whole_log();
    std::swap(lines[4], lines[5]);
    const Outcome outcome = read(lines, Position{lines.size()});
    EXPECT_EQ(outcome.error, at(5) + "in its place is position 6");
    EXPECT_EQ(outcome.shown, 4U);
}

TEST(LogLines, ThatAreMissingOrTwiceThereAreNamed) {
    auto lines = whole_log();
    const Position end{lines.size()};
    lines.erase(lines.begin() + 3);
    EXPECT_EQ(read(lines, end).error, at(4) + "in its place is position 5");
    lines = whole_log();
    lines.insert(lines.begin() + 3, lines[3]);
    EXPECT_EQ(read(lines, end).error, at(5) + "in its place is position 4");
    lines.erase(lines.begin(), lines.begin() + 2);
    EXPECT_EQ(read(lines, end).error, at(1) + "in its place is position 3");
}

TEST(LogLines, ThatEndTooEarlyAreNamed) {
    auto lines = whole_log();
    const Position end{lines.size()};
    EXPECT_THAT(read({}, end).error, StartsWith(at(1) + "it is missing: the answer ends; "));
    lines.pop_back();
    EXPECT_THAT(read(lines, end).error,
                HasSubstr("the log was to go on to position " + std::to_string(end.value)));
}

TEST(LogLines, ThatEndWhereNoRequestIsRecordedAreNamed) {
    auto lines = whole_log();
    lines.resize(5);
    const Outcome outcome = read(lines, Position{5});
    EXPECT_EQ(outcome.error,
              at(5) + "the answer was to end here, and it does not record this request");
    EXPECT_EQ(outcome.shown, 4U);
}

TEST(LogLines, ThatGoOnTooLongAreNamed) {
    auto lines = whole_log();
    const Position end{lines.size()};
    lines.push_back(lines.back());
    EXPECT_EQ(read(lines, end).error, at(end.value + 1) +
                                          "there is one, and the answer was to end at " +
                                          std::to_string(end.value));
}

TEST(LogLines, OfAnotherLogAreRefused) {
    const auto lines = whole_log();
    const Outcome outcome = read(lines, Position{lines.size()}, genesis_digest(Uuid{3, 4}));
    EXPECT_THAT(outcome.error, StartsWith(at(1) + "its digest is not that"));
}

TEST(LogLines, WithoutTheirDigestAreRefused) {
    auto lines = whole_log();
    const auto digest = lines[2].find(",\"digest\"");
    for (const std::string instead : {"}", ",\"digest\":5}", ",\"digest\":\"zz\"}"}) {
        lines[2].replace(digest, lines[2].size(), instead);
        EXPECT_EQ(read(lines, Position{lines.size()}).error,
                  at(3) + "the line is not as a server writes it");
    }
}

TEST(LogLines, EndWhereTheReaderHasSeenEnough) {
    const auto lines = whole_log();
    LogLines log{kStart, Position{lines.size()}};
    const auto taken =
        log.take(lines[0], [](const RecordedEvent&, const Digest&) { return false; });
    ASSERT_TRUE(taken);
    EXPECT_FALSE(*taken);
}

TEST(Chain, TakesAFirstLineAtItsWordAndFollowsTheRest) {
    auto lines = whole_log();
    Chain chain;
    for (const auto& line : lines) {
        EXPECT_TRUE(chain.follow(digest_of_line(line), *event_of_json(line)));
    }
    EXPECT_FALSE(chain.follow(digest_of_line(lines[1]), *event_of_json(lines[1])));
}

TEST(Chain, BeginsAnewBehindALineWithoutADigest) {
    const auto lines = whole_log();
    Chain chain;
    EXPECT_TRUE(chain.follow(digest_of_line(lines[0]), *event_of_json(lines[0])));
    EXPECT_TRUE(chain.follow(std::nullopt, *event_of_json(lines[2])));
    EXPECT_TRUE(chain.follow(digest_of_line(lines[1]), *event_of_json(lines[1])));
    EXPECT_EQ(digest_of_line(R"({"digest": 5})"), std::nullopt);
    EXPECT_EQ(digest_of_line("no JSON"), std::nullopt);
}

TEST(DigestOfHex, IsOfSixtyFourDigits) {
    const Digest digest = sha256("x");
    const std::string hex = hex_of(bytes_of(digest));
    EXPECT_EQ(digest_of_hex(hex), digest);
    EXPECT_EQ(digest_of_hex(hex.substr(1)), std::nullopt);
    EXPECT_EQ(digest_of_hex("g" + hex.substr(1)), std::nullopt);
    EXPECT_EQ(digest_of_hex("-" + hex.substr(1)), std::nullopt);
}

}  // namespace
}  // namespace slipway
