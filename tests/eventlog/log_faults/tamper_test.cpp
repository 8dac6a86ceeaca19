// Somebody, or a bad disk, changes the files of a log. It is refused, or nothing that is read of it
// changed: it is never silently shorter or other than it was. The one exception is a tail that was
// cut off and is younger than the anchor.

#include "eventlog/log/anchor.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_store.h"
#include "eventlog/log/log_directory.h"
#include "eventlog/log/log_files.h"
#include "tests/support/log_id.h"
#include "tests/support/manual_clock.h"
#include "tests/support/system_calls/system_calls.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

namespace slipway {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

using Payloads = std::vector<std::string>;
using Files = std::map<std::string, std::string>;  // by their path in the log's directory

class Tamper : public testing::Test {
  protected:
    Tamper() {
        fs::create_directory(scratch);
        CHECK(create_log(at, kLogId));
        // Tables from each life but the last, which is in the write-ahead log.
        for (const int count : {4, 3, 3}) fill(count);
        good = files();
    }

    void fill(int count) {
        const auto log = std::move(*open_log(at, clock));
        for (int i = 0; i < count; ++i) {
            all.push_back("event " + std::to_string(all.size() + 1));
            const Version version{static_cast<std::uint32_t>(all.size())};
            CHECK(log->append({{Uuid{1, 1}, version, Uuid{2, 2}, all.back()}}));
            log->flush();
        }
        CHECK(log->close());
    }
    Files files() const {
        Files found;
        for (const auto& entry : fs::recursive_directory_iterator{at}) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in{entry.path(), std::ios::binary};
            found[entry.path().lexically_relative(at).string()] = {
                std::istreambuf_iterator<char>{in}, {}};
        }
        return found;
    }
    void write(const std::string& name, const std::string& bytes) const {
        std::ofstream{at / name, std::ios::binary | std::ios::trunc} << bytes;
    }
    void lay_out(const Files& found) const {
        fs::remove_all(at);
        fs::create_directories(events_directory(at));
        for (const auto& [name, bytes] : found) write(name, bytes);
    }
    static std::string flipped(std::string bytes, std::size_t byte, unsigned bit) {
        bytes[byte] = static_cast<char>(static_cast<unsigned char>(bytes[byte]) ^ (1U << bit));
        return bytes;
    }

    // Why the log is refused, or nothing. One that is not has all its events.
    std::optional<std::string> looked() const {
        const auto log = open_log_copy(at);
        if (!log) return log.error().message;
        Payloads seen;
        const auto scanned =
            (*log)->scan(Position{1}, (*log)->durable(), [&](const Record& record) {
                seen.emplace_back(record.payload);
                return true;
            });
        const Payloads begin(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(
                                                            std::min(seen.size(), all.size())));
        EXPECT_EQ(seen, begin) << "it shows what was never written";
        if (!scanned) {
            // What is named is the first that is not good.
            EXPECT_THAT(scanned.error().message,
                        HasSubstr("position " + std::to_string(seen.size() + 1)));
            if (!seen.empty()) {
                EXPECT_THAT(scanned.error().message,
                            HasSubstr("good up to " + std::to_string(seen.size())));
            }
            return scanned.error().message;
        }
        EXPECT_EQ(seen, all) << "it is silently shorter";
        return std::nullopt;
    }
    // The same, as a server opens it. Changes the files unless it refuses.
    std::optional<std::string> opened() const {
        const Files before = files();
        Payloads seen;
        const auto log = open_log(at, clock, {}, [&](const Record& record) {
            seen.emplace_back(record.payload);
            return true;
        });
        if (log) {
            EXPECT_EQ(seen, all);
            return std::nullopt;
        }
        EXPECT_EQ(files(), before) << "a refusal changed something";
        EXPECT_FALSE(log.error().message.empty());
        return log.error().message;
    }

    // Whether a change of this file must be noticed. Nobody reads the locks, and the id is there
    // again in the database: an opening writes a file that lacks it.
    static bool counts(const std::string& name) {
        return !name.ends_with("LOCK") && !name.ends_with("lock") && name != "id";
    }
    Files of(const std::string& ending) const {
        Files found;
        for (const auto& [name, bytes] : good) {
            if (name.ends_with(ending) && counts(name)) found[name] = bytes;
        }
        EXPECT_FALSE(found.empty()) << ending;
        return found;
    }
    void flip_every_byte(const std::string& ending) {
        for (const auto& [name, bytes] : of(ending)) {
            for (std::size_t i = 0; i < bytes.size(); ++i) {
                SCOPED_TRACE(name + ", byte " + std::to_string(i));
                write(name, flipped(bytes, i, i % 8));
                looked();
                if (i % 23 == 0) {
                    for (unsigned bit = 0; bit < 8; ++bit) {
                        write(name, flipped(bytes, i, bit));
                        looked();
                    }
                }
                if (i % 31 == 0 && !opened()) lay_out(good);
                if (HasFailure()) return;
            }
            write(name, bytes);
        }
    }
    void cut_at_every_length(const std::string& ending) {
        for (const auto& [name, bytes] : of(ending)) {
            for (std::size_t length = 0; length < bytes.size(); ++length) {
                SCOPED_TRACE(name + ", cut to " + std::to_string(length));
                write(name, bytes.substr(0, length));
                looked();
                if (length % 31 == 0 && !opened()) lay_out(good);
                if (HasFailure()) return;
            }
            write(name, bytes);
        }
    }

    const TemporaryDirectory directory = TemporaryDirectory::in_memory();
    const fs::path scratch = directory.path() / "scratch";
    SystemCalls calls{directory.path()};  // nothing waits for the disk
    ManualClock clock;
    const fs::path at = scratch / "log";
    Payloads all;
    Files good;
};

TEST_F(Tamper, OfAnyByteOfATableIsNoticed) {
    flip_every_byte(".ldb");
}
TEST_F(Tamper, OfAnyByteOfAWriteAheadLogIsNoticed) {
    flip_every_byte(".log");
}
TEST_F(Tamper, OfAnyByteOfTheSmallFilesIsNoticed) {
    for (const char* const ending : {"anchor", "CURRENT"}) flip_every_byte(ending);
    flip_every_byte(
        fs::path{of("MANIFEST-" + good.at("events/CURRENT").substr(9, 6)).begin()->first}
            .filename()
            .string());
}
TEST_F(Tamper, OfAnyLengthOfATableIsNoticed) {
    cut_at_every_length(".ldb");
}
TEST_F(Tamper, OfAnyLengthOfAnotherFileIsNoticed) {
    for (const char* const ending : {".log", "anchor", "CURRENT"}) cut_at_every_length(ending);
    cut_at_every_length("MANIFEST-" + good.at("events/CURRENT").substr(9, 6));
}

TEST_F(Tamper, OfWhatNobodyReadsChangesNothing) {
    for (const char* const name : {"lock", "events/LOCK", "events/LOG"}) {
        write(name, "anything");
        EXPECT_EQ(looked(), std::nullopt) << name;
    }
    EXPECT_EQ(opened(), std::nullopt);
}

TEST_F(Tamper, ByRemovingAFileIsNoticed) {
    for (const auto& [name, bytes] : good) {
        if (!counts(name)) continue;
        fs::remove(at / name);
        EXPECT_TRUE(looked()) << name;
        EXPECT_TRUE(opened()) << name;
        write(name, bytes);
    }
    EXPECT_EQ(looked(), std::nullopt);
}

TEST_F(Tamper, ByPuttingAnOlderFileInTheNewOnesPlaceIsNoticed) {
    const Files older = good;
    fill(2);
    good = files();
    for (const auto& [name, bytes] : older) {
        if (!counts(name) || (good.contains(name) && good.at(name) == bytes)) continue;
        // An older anchor only proves less; a file with another name is not read.
        write(name, bytes);
        looked();
        if (name != "anchor" && good.contains(name)) {
            EXPECT_TRUE(opened()) << name;
        }
        lay_out(good);
    }
    // The whole database of before, and the anchor of now.
    Files mixed = older;
    mixed["anchor"] = good["anchor"];
    lay_out(mixed);
    EXPECT_THAT(opened().value_or(""), HasSubstr("11 to 12 are missing"));
}

// Through the database, so that its own checksums are good.
class TamperWithRecords : public Tamper {
  protected:
    void change(const std::vector<std::pair<Position, std::optional<std::string>>>& records) {
        const auto store = std::move(*LevelDbStore::open(events_directory(at)));
        WriteBatch batch{*store->get(kTailKey), {}, {}};
        for (const auto& [position, bytes] : records) {
            if (bytes) {
                batch.puts.emplace_back(event_key(position), *bytes);
            } else {
                batch.removals.push_back(event_key(position));
            }
        }
        CHECK(store->commit(batch));
    }
    std::string record(std::uint64_t position) const {
        return *std::move(*LevelDbStore::open(events_directory(at)))->get(event_key({position}));
    }
    // Made anew for `position`: its checksum is good, and its digest follows from `previous`.
    static std::string made(std::uint64_t position, const std::string& payload,
                            const Digest& previous) {
        Digest digest{};
        return record_bytes({position}, payload, previous, digest);
    }
    void expect_named(std::uint64_t position) {
        const std::string named = "position " + std::to_string(position);
        EXPECT_THAT(looked().value_or("it was opened"), HasSubstr(named));
        EXPECT_THAT(opened().value_or("it was opened"), HasSubstr(named));
    }
};

TEST_F(TamperWithRecords, BySwappingTwoIsNamed) {
    const std::string three = record(3);
    const std::string four = record(4);
    change({{Position{3}, four}, {Position{4}, three}});
    expect_named(3);
}

TEST_F(TamperWithRecords, ByMakingTwoAnewInEachOthersPlaceIsNamed) {
    change({{Position{3}, made(3, all[3], sha256("any"))},
            {Position{4}, made(4, all[2], sha256("any"))}});
    expect_named(3);
}

TEST_F(TamperWithRecords, ByRemovingOneIsNamed) {
    change({{Position{5}, std::nullopt}});
    expect_named(5);
}

TEST_F(TamperWithRecords, ByRemovingOneAndClosingTheGapIsNamed) {
    std::vector<std::pair<Position, std::optional<std::string>>> moved;
    for (std::uint64_t i = 5; i < 10; ++i) {
        moved.emplace_back(Position{i}, made(i, all[i], sha256("any")));
    }
    moved.emplace_back(Position{10}, std::nullopt);
    change(moved);
    expect_named(5);
}

TEST_F(TamperWithRecords, ByInsertingOneIsNamed) {
    change({{Position{6}, made(6, "an event that never was", sha256("any"))}});
    expect_named(6);
}

TEST_F(TamperWithRecords, ByAddingOneBehindTheTailIsNamed) {
    change({{Position{11}, made(11, "an event that never was", sha256("any"))}});
    EXPECT_THAT(opened().value_or("it was opened"), HasSubstr("a record after its tail 10"));
}

}  // namespace
}  // namespace slipway
