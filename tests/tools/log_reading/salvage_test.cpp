// A log is damaged in every way that there is, and salvaged. What comes out is its beginning, byte
// for byte, and what is said to be lost is what is not in it.

#include "tools/log_reading/salvage.h"

#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "eventlog/log/anchor.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_store.h"
#include "eventlog/log/log_directory.h"
#include "eventlog/log/log_files.h"
#include "eventlog/log/loss.h"
#include "tests/support/log_id.h"
#include "tests/support/system_calls/system_calls.h"
#include "tests/support/temporary_directory.h"
#include "tools/log_reading/recorded_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace slipway {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kEvents = 16;

using Files = std::map<std::string, std::string>;

class SalvageTest : public testing::Test {
  protected:
    SalvageTest() {
        fs::create_directory(data);
        CHECK(create_log(at, kLogId));
        RecordedClock clock;
        // Tables from each life but the last, which is in the write-ahead log.
        for (const std::uint64_t end : {5U, 10U, 16U}) {
            const auto log = std::move(*open_log(at, clock));
            while (log->tail().value < end) append(*log, log->tail().value + 1);
            CHECK(log->close());
        }
        good = files(data);
    }

    // Each of a team of its own, and not to be compressed.
    void append(EventLog& log, std::uint64_t number) {
        const TeamId team{Uuid{number, 1}};
        std::string name = hex_of(bytes_of(sha256(std::to_string(number))));
        const TeamCreated event{team, name, UserId{Uuid{number, 2}}};
        Envelope envelope;
        envelope.stream = stream_of(event);
        envelope.stream_version = Version{1};
        envelope.team = team;
        const auto bytes = encode(envelope, event);
        CHECK(log.append({{envelope.stream, envelope.stream_version, team.uuid, bytes}}));
        log.flush();
        payloads.push_back(bytes);
        digests.push_back(*log.digest_at(Position{number}));
    }

    static std::string read(const fs::path& file) {
        std::ifstream in{file, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    static Files files(const fs::path& directory) {
        Files found;
        for (const auto& entry : fs::recursive_directory_iterator{directory}) {
            if (!entry.is_regular_file()) continue;
            found[entry.path().lexically_relative(directory).string()] = read(entry.path());
        }
        return found;
    }
    void write(const std::string& name, const std::string& bytes) const {
        std::ofstream{data / name, std::ios::binary | std::ios::trunc} << bytes;
    }
    std::string name_of(const std::string& ending) const {
        for (const auto& [name, bytes] : good) {
            if (name.ends_with(ending)) return name;
        }
        ADD_FAILURE() << "no file " << ending;
        return {};
    }
    // The byte in the middle of that record's team's name.
    std::string spoiled(const std::string& file, std::uint64_t number) const {
        std::string bytes = good.at(file);
        const auto found = bytes.find(hex_of(bytes_of(sha256(std::to_string(number)))));
        CHECK(found != std::string::npos);
        bytes[found + 30] = static_cast<char>(bytes[found + 30] ^ 1);
        return bytes;
    }

    struct Outcome {
        bool refused = false;
        std::string text;  // the report, or why it is refused
        bool is_whole = false;
        std::uint64_t end = 0;
        std::set<std::uint64_t> unproven;
        std::optional<Loss> loss;
    };
    // Salvages, and holds what comes out to what was written.
    Outcome outcome() {
        const Files before = files(data);
        const fs::path into = directory.path() / "into";
        fs::remove_all(into);
        const auto done = salvage(data, into);
        EXPECT_EQ(files(data), before) << "the damaged log was touched";
        EXPECT_FALSE(fs::exists(into.string() + ".partial"));
        if (!done) {
            EXPECT_FALSE(fs::exists(into));
            return {true, done.error().message, false, 0, {}, {}};
        }
        EXPECT_EQ(read(into / "report.txt"), done->report);
        Outcome found{false, done->report, done->is_whole,
                      0,     {},           *read_loss(loss_file(into / "log"))};
        const auto log = open_log_copy(into / "log");
        CHECK(log);
        found.end = (*log)->durable().value;
        CHECK(found.end <= kEvents);
        EXPECT_TRUE((*log)->scan(Position{1}, (*log)->durable(), [&](const Record& record) {
            EXPECT_EQ(record.payload, payloads[record.position.value - 1]);
            EXPECT_EQ(record.digest, digests[record.position.value - 1]);
            return true;
        }));
        std::ifstream lines{into / "unproven.jsonl"};
        for (std::string line; std::getline(lines, line);) {
            const auto event = event_of_json(line);
            CHECK(event);
            found.unproven.insert(event->position.value);
        }
        if (found.loss) {
            EXPECT_EQ(found.loss->first.value, found.end + 1);
            EXPECT_FALSE(found.is_whole);
            EXPECT_THAT(found.text, HasSubstr("\nlost         " + std::to_string(found.end + 1)));
        }
        return found;
    }

    const TemporaryDirectory directory = TemporaryDirectory::in_memory();
    SystemCalls calls{directory.path()};  // nothing waits for the disk
    const fs::path data = directory.path() / "data";
    const fs::path at = data / "log";
    std::vector<std::string> payloads;
    std::vector<Digest> digests;
    Files good;
};

TEST_F(SalvageTest, OfAGoodLogLosesNothing) {
    const auto found = outcome();
    EXPECT_TRUE(found.is_whole);
    EXPECT_EQ(found.end, kEvents);
    EXPECT_FALSE(found.loss);
    EXPECT_EQ(found.text, "salvaged     1 to 16 into " + (directory.path() / "into/log").string() +
                              "\ndigest       " + hex_of(bytes_of(digests.back())) +
                              "\nlost         nothing that is known\n");
    EXPECT_FALSE(fs::exists(directory.path() / "into/unproven.jsonl"));
}

TEST_F(SalvageTest, OfAGapInTheMiddleKeepsWhatIsBeforeItAndShowsWhatIsBehind) {
    write(name_of(".log"), spoiled(name_of(".log"), 13));
    const auto found = outcome();
    EXPECT_EQ(found.end, 12U);
    EXPECT_EQ(found.unproven, (std::set<std::uint64_t>{14, 15, 16}));
    EXPECT_EQ(found.loss, (Loss{Position{13}, Position{16}}));
    for (const char* const line :
         {"lost         13 to 16\n", "not readable 13\n", "not proved   14 to 16: in ",
          "  follow from one another: 14 to 16\n", "position 13: checksum "}) {
        EXPECT_THAT(found.text, HasSubstr(line));
    }
    // The index of position 13 is there, and says whose it was.
    EXPECT_THAT(found.text, HasSubstr("affected     " + TeamId{Uuid{13, 1}}.text() + ": 13\n"));
    EXPECT_THAT(found.text, Not(HasSubstr(TeamId{Uuid{12, 1}}.text())));
}

TEST_F(SalvageTest, OfALogWithoutATableSaysWhatWasInIt) {
    std::uint64_t shortest = kEvents;
    int without_events = 0;
    for (const auto& [name, bytes] : good) {
        if (!name.ends_with(".ldb")) continue;
        fs::remove(data / name);
        const auto found = outcome();
        write(name, bytes);
        if (found.refused) {
            EXPECT_THAT(found.text, HasSubstr("nothing can be proved"));
            shortest = 0;
            continue;
        }
        shortest = std::min(shortest, found.end);
        if (!found.loss) {
            EXPECT_EQ(found.end, kEvents) << name;
            ++without_events;
            continue;
        }
        EXPECT_LT(found.end, kEvents);
        EXPECT_EQ(found.loss->last, Position{kEvents});
    }
    EXPECT_LT(shortest, 6U);
    // It has the log's id, which is in a file beside the log, too.
    EXPECT_EQ(without_events, 1);
}

TEST_F(SalvageTest, OfALogThatLevelDbDoesNotOpenLosesNothing) {
    for (const auto& [name, bytes] : good) {
        if (!name.ends_with("CURRENT") && name.find("MANIFEST") == std::string::npos) continue;
        for (const std::string& other : {std::string{}, bytes.substr(0, bytes.size() / 2)}) {
            write(name, other);
            EXPECT_TRUE(outcome().is_whole) << name;
        }
        fs::remove(data / name);
    }
    EXPECT_TRUE(outcome().is_whole);
}

TEST_F(SalvageTest, OfATailThatWasCutOffSaysFromWhere) {
    const std::string name = name_of(".log");
    const std::string& bytes = good.at(name);
    std::set<std::uint64_t> ends;
    for (std::size_t length = 0; length < bytes.size(); length += 61) {
        SCOPED_TRACE("cut to " + std::to_string(length));
        write(name, bytes.substr(0, length));
        const auto found = outcome();
        ASSERT_EQ(found.loss, (Loss{Position{found.end + 1}, Position{kEvents}}));
        ends.insert(found.end);
    }
    EXPECT_GT(ends.size(), 3U);
}

TEST_F(SalvageTest, OfAnyFlippedByteIsABeginningAndSaysWhatIsLost) {
    std::size_t shorter = 0;
    for (const auto& [name, bytes] : good) {
        if (name.ends_with("LOCK") || name.ends_with("lock")) continue;
        for (std::size_t i = 0; i < bytes.size(); i += 41) {
            SCOPED_TRACE(name + ", byte " + std::to_string(i));
            std::string bad = bytes;
            bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
            write(name, bad);
            const auto found = outcome();
            if (found.refused) {
                EXPECT_THAT(found.text, HasSubstr("nothing can be proved"));
            } else if (name.ends_with("anchor")) {
                EXPECT_EQ(found.end, kEvents);
                EXPECT_FALSE(found.is_whole);
            } else if (found.end < kEvents) {
                ++shorter;
                ASSERT_TRUE(found.loss);
                EXPECT_EQ(found.loss->last, Position{kEvents});
            }
            if (HasFailure()) return;
        }
        write(name, bytes);
    }
    EXPECT_GT(shorter, 10U) << "nothing was damaged";
}

TEST_F(SalvageTest, OfARecordThatWasMadeAnewEndsWhereTheChainDoes) {
    {
        const auto store = std::move(*LevelDbStore::open(events_directory(at)));
        Digest digest{};
        CHECK(store->commit(
            {*store->get(kTailKey),
             {{event_key(Position{7}), record_bytes(Position{7}, payloads[8], digests[5], digest)}},
             {}}));
        // The one that was there is out of reach only once tables were merged; this is the worse
        // case.
    }
    const auto found = outcome();
    // Tables were not merged yet: both are there, and each follows from position 6. Only one of
    // them goes on to position 8.
    EXPECT_EQ(found.end, kEvents) << found.text;
    EXPECT_THAT(found.text, HasSubstr("position 7 is there twice"));
}

TEST_F(SalvageTest, OfARecordThatWasMadeAnewInItsPlaceEndsBeforeIt) {
    const std::string name = name_of(".log");
    std::string bytes = good.at(name);
    // Another payload of the same length, its checksum and its digest: in the log, where nothing is
    // compressed, and with a checksum of the whole that a repair does not look at.
    Digest digest{};
    const std::string was = record_bytes(Position{13}, payloads[12], digests[11], digest);
    std::string payload = payloads[12];
    const auto name_at = payload.find(hex_of(bytes_of(sha256("13"))));
    payload[name_at + 3] = payload[name_at + 3] == 'a' ? 'b' : 'a';
    const std::string now = record_bytes(Position{13}, payload, digests[11], digest);
    const auto found_at = bytes.find(was);
    ASSERT_NE(found_at, std::string::npos);
    write(name, bytes.replace(found_at, was.size(), now));
    const auto found = outcome();
    EXPECT_EQ(found.end, 12U) << found.text;
    EXPECT_EQ(found.unproven, (std::set<std::uint64_t>{13, 14, 15, 16}));
    EXPECT_THAT(found.text, HasSubstr("position 13 and the one after it do not fit together"));
    EXPECT_THAT(found.text, HasSubstr("follow from one another: 14 to 16\n"));
}

TEST_F(SalvageTest, WhereTheAnchorSaysOtherwiseProvesNothing) {
    ASSERT_TRUE(write_anchor(anchor_file(at), {Position{9}, sha256("another")}));
    const auto found = outcome();
    EXPECT_TRUE(found.refused);
    EXPECT_THAT(found.text, HasSubstr("position 9 is not what the anchor says"));
}

TEST_F(SalvageTest, IsNotMadeOverAnything) {
    for (const char* const name : {"into", "into.partial"}) {
        const fs::path there = directory.path() / name;
        fs::create_directory(there);
        const auto done = salvage(data, directory.path() / "into");
        ASSERT_FALSE(done) << name;
        EXPECT_EQ(done.error().code, ErrorCode::invalid);
        EXPECT_THAT(done.error().message, HasSubstr(there.string() + " is there already"));
        EXPECT_TRUE(fs::is_empty(there));
        fs::remove(there);
    }
}

TEST_F(SalvageTest, IsNotMadeOfALogThatIsInUse) {
    RecordedClock clock;
    const auto log = open_log(at, clock);
    ASSERT_TRUE(log);
    const auto done = salvage(data, directory.path() / "into");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unavailable);
}

TEST_F(SalvageTest, LeavesNothingIfTheDiskFails) {
    write(name_of(".log"), spoiled(name_of(".log"), 13));
    const fs::path into = directory.path() / "into";
    std::uint64_t call = 0;
    for (bool reached = true; reached;) {
        call += 5;
        calls.fail(call, true, call % 2 == 0);
        const auto done = salvage(data, into);
        reached = calls.has_failed();
        SCOPED_TRACE("call " + std::to_string(call) +
                     " and all after it fail: " + (reached ? calls.failed_call() : "none"));
        calls.fail(0, false, false);
        EXPECT_TRUE(!done || fs::exists(into));
        if (fs::exists(into)) {
            // It has its name last: what fails then leaves a whole one.
            EXPECT_TRUE(fs::exists(into / "report.txt"));
            EXPECT_TRUE(open_log_copy(into / "log"));
        }
        fs::remove_all(into);
        fs::remove_all(into.string() + ".partial");
        if (HasFailure()) return;
    }
    EXPECT_GT(call, 50U);
}

}  // namespace
}  // namespace slipway
