// A log in its directory: what opening it proves, what it refuses, and that a refusal changes
// nothing.

#include "eventlog/log/anchor.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_store.h"
#include "eventlog/log/log_directory.h"
#include "eventlog/log/log_files.h"
#include "eventlog/log/log_id_file.h"
#include "tests/support/log_id.h"
#include "tests/support/manual_clock.h"
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
using namespace std::chrono_literals;

std::string read_file(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}
void write_file(const fs::path& file, const std::string& bytes) {
    std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

using Payloads = std::vector<std::string>;
using Files = std::map<std::string, std::string>;

class LogDirectory : public testing::Test {
  protected:
    LogDirectory() { CHECK(create_log(at, kLogId)); }

    std::unique_ptr<EventLog> open() {
        auto log = open_log(at, clock, {}, [this](const Record& record) {
            replayed.emplace_back(record.payload);
            return true;
        });
        EXPECT_TRUE(log) << log.error().message;
        return log ? std::move(*log) : nullptr;
    }
    Error refusal() const {
        const auto log = open_log(at, clock);
        return log ? Error{ErrorCode::io, "it was opened"} : log.error();
    }
    void append(EventLog& log, int count) {
        for (int i = 0; i < count; ++i) {
            ++version;
            ASSERT_TRUE(log.append({{Uuid{1, 1}, Version{version}, Uuid{2, 2}, payload(version)}}));
            log.flush();
        }
    }
    void fill(int count) {
        const auto log = open();
        append(*log, count);
        ASSERT_TRUE(log->close());
    }
    static std::string payload(std::uint32_t number) { return "event " + std::to_string(number); }
    Payloads all() const {
        Payloads payloads;
        for (std::uint32_t i = 1; i <= version; ++i) payloads.push_back(payload(i));
        return payloads;
    }
    // What a log that is looked at says, or nothing if it is refused.
    std::optional<Payloads> seen() const {
        const auto log = open_log_copy(at);
        if (!log) {
            EXPECT_FALSE(log.error().message.empty());
            return std::nullopt;
        }
        Payloads payloads;
        const auto scanned =
            (*log)->scan(Position{1}, (*log)->durable(), [&](const Record& record) {
                payloads.emplace_back(record.payload);
                return true;
            });
        EXPECT_TRUE(scanned) << scanned.error().message;
        return payloads;
    }
    Files files() const {
        Files found;
        for (const auto& entry : fs::recursive_directory_iterator(directory.path())) {
            if (entry.is_regular_file()) found[entry.path().string()] = read_file(entry.path());
        }
        return found;
    }
    fs::path file_of(const std::string& extension) const {
        for (const auto& entry : fs::directory_iterator(events_directory(at))) {
            if (entry.path().extension() == extension) return entry.path();
        }
        ADD_FAILURE() << "no file " << extension;
        return {};
    }

    ManualClock clock;
    TemporaryDirectory directory;
    const fs::path at = directory.path() / "log";
    Payloads replayed;
    std::uint32_t version = 0;
};

TEST_F(LogDirectory, ShowsWhatItHoldsAsItIsOpened) {
    fill(3);
    fill(2);
    replayed.clear();
    const auto log = open();
    EXPECT_EQ(replayed, all());
    EXPECT_EQ(log->durable(), Position{5});
    EXPECT_EQ(log->log_id(), kLogId);
}

TEST_F(LogDirectory, IsNotMadeOverAnother) {
    const auto made = create_log(at, Uuid{8, 8});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::invalid);
    EXPECT_EQ(open()->log_id(), kLogId);
}

TEST_F(LogDirectory, IsNotMadeOverOneThatLostItsName) {
    fill(3);
    fs::rename(at, at.string() + ".new");
    const Files before = files();
    const auto made = create_log(at, Uuid{8, 8});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("up to position 3"));
    EXPECT_EQ(files(), before);
}

TEST_F(LogDirectory, RefusesATailThatIsNotOfItsLastRecord) {
    fill(3);
    {
        auto store = std::move(*LevelDbStore::open(events_directory(at)));
        const std::string tail = *store->get(kTailKey);
        const std::string altered = tail_value({Position{3}, sha256("another")});
        ASSERT_TRUE(store->commit({tail, {{std::string{kTailKey}, altered}}}));
    }
    // The anchor names the digest too, unless it is older.
    ASSERT_TRUE(write_anchor(anchor_file(at), {Position{}, genesis_digest(kLogId)}));
    EXPECT_THAT(refusal().message, HasSubstr("its tail is not that of the record at position 3"));
}

TEST_F(LogDirectory, IsOpenedByOneAtATime) {
    const auto log = open();
    const Error error = refusal();
    EXPECT_EQ(error.code, ErrorCode::unavailable);
    EXPECT_THAT(error.message, HasSubstr("in use by another process"));
}

TEST_F(LogDirectory, IsSeenWhileItIsWritten) {
    const auto log = open();
    append(*log, 3);
    EXPECT_EQ(seen(), all());
    append(*log, 2);
    EXPECT_EQ(seen(), all());
}

TEST_F(LogDirectory, LeavesNoCopyBehind) {
    fill(3);
    fs::create_directory(directory.path() / "log.proof");  // a start that was cut off
    open().reset();
    EXPECT_TRUE(seen());
    for (const auto& entry : fs::directory_iterator(directory.path())) {
        EXPECT_EQ(entry.path(), at);
    }
}

TEST_F(LogDirectory, LookingChangesNothing) {
    fill(3);
    const Files before = files();
    EXPECT_EQ(seen(), all());
    EXPECT_EQ(files(), before);
}

TEST_F(LogDirectory, RefusesAnEndBeforeTheAnchorAndSaysWhatIsMissing) {
    fill(2);
    const Files two = files();
    fill(3);
    // The database of before beside the anchor of after.
    const std::string anchor = read_file(anchor_file(at));
    fs::remove_all(events_directory(at));
    fs::create_directory(events_directory(at));
    for (const auto& [name, bytes] : two) write_file(name, bytes);
    write_file(anchor_file(at), anchor);

    const Files before = files();
    const Error error = refusal();
    EXPECT_EQ(error.code, ErrorCode::corruption);
    EXPECT_THAT(error.message, HasSubstr("3 to 5 are missing"));
    EXPECT_THAT(error.message, HasSubstr("restore"));
    EXPECT_EQ(files(), before);
}

TEST_F(LogDirectory, RefusesAnAnchorOfAnotherHistory) {
    fill(3);
    ASSERT_TRUE(write_anchor(anchor_file(at), {Position{2}, sha256("another")}));
    EXPECT_THAT(refusal().message, HasSubstr("position 2 is not what the anchor says"));
}

TEST_F(LogDirectory, RefusesToOpenWithoutWhatItNeeds) {
    fill(3);
    for (const char* const extension : {"", ".log"}) {
        const fs::path file =
            *extension == '\0' ? events_directory(at) / "CURRENT" : file_of(extension);
        const std::string bytes = read_file(file);
        fs::remove(file);
        const Files before = files();
        EXPECT_EQ(refusal().code, ErrorCode::corruption) << file;
        EXPECT_EQ(files(), before) << file;
        write_file(file, bytes);
    }
    const std::string anchor = read_file(anchor_file(at));
    fs::remove(anchor_file(at));
    EXPECT_EQ(refusal().code, ErrorCode::corruption);
    write_file(anchor_file(at), anchor);
    EXPECT_EQ(seen(), all());
}

TEST_F(LogDirectory, MovesItsAnchorByEventsAndByTime) {
    const auto log = open();
    const auto anchored = [&] { return read_anchor(anchor_file(at))->position; };
    append(*log, 1);
    EXPECT_EQ(anchored(), Position{0});
    clock.time += kAnchorAgeMax;
    append(*log, 1);
    EXPECT_EQ(anchored(), Position{2});
    std::vector<NewRecord> many;
    for (std::uint64_t i = 0; i < kAnchorEventsMax; ++i) {
        many.push_back({Uuid{1, 1}, Version{++version}, Uuid{2, 2}, payload(version)});
    }
    ASSERT_TRUE(log->append(std::move(many)));
    log->flush();
    EXPECT_EQ(anchored(), Position{2 + kAnchorEventsMax});
    append(*log, 1);
    ASSERT_TRUE(log->close());
    EXPECT_EQ(anchored(), Position{3 + kAnchorEventsMax});
}

TEST_F(LogDirectory, IsNeverSilentlyShorterOrOtherWhereAFileIsCut) {
    fill(6);
    for (const auto& [name, good] : files()) {
        if (name.ends_with("LOCK") || name.ends_with("lock")) continue;
        for (std::size_t length = 0; length < good.size(); length += 5) {
            write_file(name, good.substr(0, length));
            const auto found = seen();
            EXPECT_TRUE(!found || *found == all()) << name << " cut to " << length;
        }
        write_file(name, good);
    }
    EXPECT_EQ(seen(), all());
}

TEST_F(LogDirectory, IsNeverSilentlyShorterOrOtherWhereAByteIsFlipped) {
    fill(6);
    for (const auto& [name, good] : files()) {
        if (name.ends_with("LOCK") || name.ends_with("lock")) continue;
        for (std::size_t at_byte = 0; at_byte < good.size(); at_byte += 5) {
            std::string bad = good;
            bad[at_byte] = static_cast<char>(bad[at_byte] ^ (1 << (at_byte % 8)));
            write_file(name, bad);
            const auto found = seen();
            EXPECT_TRUE(!found || *found == all()) << name << " flipped at " << at_byte;
        }
        write_file(name, good);
    }
    EXPECT_EQ(seen(), all());
}

TEST_F(LogDirectory, HasItsIdInAFileToo) {
    const fs::path file = log_id_file(at);
    EXPECT_EQ(*read_log_id(file), kLogId);
    const std::string good = read_file(file);
    // As logs of before were, and as a disk may leave it.
    for (const std::string bad : {"", "log 1\n", "log 1\n01h455vb4pex5vsknk084sn02q\n"}) {
        fs::remove(file);
        if (!bad.empty()) write_file(file, bad);
        EXPECT_TRUE(open());
        EXPECT_EQ(read_file(file), good);
    }
}

TEST_F(LogDirectory, OfAFileWithoutAnIdSaysSo) {
    const fs::path file = log_id_file(at);
    for (const std::string bad :
         {"", "log 1\n", "log 2\n01h455vb4pex5vsknk084sn02q\n", "log 1\nx\n"}) {
        write_file(file, bad);
        const auto read = read_log_id(file);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, ErrorCode::corruption);
    }
    fs::remove(file);
    EXPECT_EQ(read_log_id(file).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace slipway
