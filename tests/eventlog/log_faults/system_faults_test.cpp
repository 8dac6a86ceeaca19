// The n-th system call of a log's whole life fails, for every n, or the power goes there. What was
// acknowledged is there afterwards, what was not is there as a whole or not at all, and after a
// failed write nothing else was acknowledged.

#include "eventlog/base/durable_file.h"
#include "eventlog/log/leveldb_store.h"
#include "eventlog/log/log_directory.h"
#include "tests/support/log_id.h"
#include "tests/support/manual_clock.h"
#include "tests/support/system_calls/system_calls.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <set>

namespace slipway {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kUnit = 2;

enum class Fault { single, half_written, power };

class SystemFaults : public testing::TestWithParam<Fault> {
  protected:
    // Appends and flushes `groups` units; false if the log takes no more.
    bool append(EventLog& log, int groups, std::size_t bytes) {
        bool failed = false;
        log.on_durable([&](Position position, const Result<void>& result) {
            EXPECT_FALSE(failed) << "acknowledged after a failure: " << position.value;
            failed = failed || !result;
            if (result) acknowledged = position;
        });
        for (int i = 0; i < groups && !failed; ++i) {
            std::vector<NewRecord> records;
            for (std::uint64_t j = 1; j <= kUnit; ++j) {
                const std::uint64_t at = log.tail().value + j;
                records.push_back({Uuid{1, 1}, Version{static_cast<std::uint32_t>(at)}, Uuid{2, 2},
                                   payload(at, bytes)});
            }
            const auto appended = log.append(std::move(records));
            if (!appended) return false;
            handed_out = std::max(handed_out, *appended);
            log.flush();
        }
        return !failed;
    }
    static std::string payload(std::uint64_t at, std::size_t bytes) {
        std::string text = std::to_string(at) + " ";
        // Not to be compressed, so that buffers fill.
        for (std::uint64_t x = at * 0x9e3779b97f4a7c15U; text.size() < bytes;
             x = x * 6364136223846793005U + 1) {
            text += static_cast<char>(x >> 56U);
        }
        return text;
    }
    void expect_whole(EventLog& log, std::size_t bytes, const std::string& where) {
        const Position end = log.durable();
        EXPECT_GE(end, acknowledged) << "acknowledged events are gone " << where;
        EXPECT_LE(end, handed_out) << where;
        EXPECT_EQ(end.value % kUnit, 0U) << "half of a unit is there " << where;
        std::uint64_t seen = 0;
        const auto scanned = log.scan(Position{1}, end, [&](const Record& record) {
            ++seen;
            EXPECT_EQ(record.payload, payload(seen, bytes)) << where;
            return true;
        });
        EXPECT_TRUE(scanned) << scanned.error().message << " " << where;
        EXPECT_EQ(seen, end.value) << where;
        const auto counts = log.count_indexes();
        ASSERT_TRUE(counts) << where;
        EXPECT_EQ(counts->streams, seen) << where;
        EXPECT_EQ(counts->teams, seen) << where;
    }

    // Lives with a fault at each call in turn, until there is none to fail.
    template <class Live, class Look>
    void enumerate(std::uint64_t calls_min, const Live& live, const Look& look) {
        const bool half = GetParam() == Fault::half_written;
        const bool power = GetParam() == Fault::power;
        std::uint64_t call = 0;
        std::set<std::string> kinds;
        for (bool reached = true; reached;) {
            ++call;
            fs::remove_all(disk);
            fs::remove_all(after);
            fs::create_directories(disk);
            acknowledged = handed_out = {};
            SystemCalls calls{disk};
            calls.fail(call, power, half);
            live();
            reached = calls.has_failed();
            const std::string what = reached ? calls.failed_call() : "nothing";
            SCOPED_TRACE("call " + std::to_string(call) + " fails: " + what);
            kinds.insert(what);
            calls.fail(0, false, false);
            for (const auto unsynced :
                 {Unsynced::lost, Unsynced::names_kept, Unsynced::torn, Unsynced::zeroed}) {
                calls.cut_power(after, unsynced);
                may_refuse = unsynced == Unsynced::zeroed;
                look(after, "after a power cut " + std::to_string(static_cast<int>(unsynced)));
                may_refuse = false;
                fs::remove_all(after);
                if (!power) break;
            }
            if (!power) look(disk, "where it was");
            if (HasFailure()) return;
        }
        EXPECT_GT(call, calls_min) << "the calls that may fail were not seen";
        for (const char* const kind : {"open", "write", "fdatasync", "rename", "read", "pread"}) {
            EXPECT_TRUE(kinds.contains(kind)) << kind << " was not seen";
        }
    }

    const TemporaryDirectory directory = TemporaryDirectory::in_memory();
    const fs::path disk = directory.path() / "disk";
    const fs::path after = directory.path() / "after";
    ManualClock clock;
    std::string refusal;
    // LevelDB takes zeros within what was not acknowledged for damage, and nobody can tell.
    bool may_refuse = false;
    Position acknowledged;
    Position handed_out;
};

TEST_P(SystemFaults, LoseNothingOfALogInItsDirectory) {
    constexpr std::size_t kBytes = 100;
    constexpr int kLives = 3;  // each but the last becomes a table
    const auto open = [&](const fs::path& at) { return open_log(at / "log", clock); };
    const auto live = [&] {
        if (!create_log(disk / "log", kLogId)) return;
        for (int i = 0; i < kLives; ++i) {
            const auto log = open(disk);
            if (!log) continue;  // it is tried again
            EXPECT_GE((*log)->durable(), acknowledged);
            if (!append(**log, 1, kBytes)) continue;
            clock.time += kAnchorAgeMax;
            if (append(**log, 1, kBytes)) static_cast<void>((*log)->close());
        }
    };
    enumerate(100, live, [&](const fs::path& at, const std::string& where) {
        const auto log = open(at);
        if (log) return expect_whole(**log, kBytes, where);
        if (may_refuse && log.error().code == ErrorCode::corruption) return;
        // Nothing was acknowledged before the log had its name.
        EXPECT_EQ(log.error().code, ErrorCode::not_found) << log.error().message << " " << where;
        EXPECT_EQ(acknowledged, Position{}) << log.error().message << " " << where;
    });
}

TEST_P(SystemFaults, LoseNothingWhileWriteAheadLogsAreSwitchedAndTablesCompacted) {
    constexpr std::size_t kBytes = 12'000;
    constexpr std::size_t kBufferBytes = 64 * 1024;  // the least that LevelDB takes
    const auto open = [&](const fs::path& at) -> std::unique_ptr<EventLog> {
        auto store = LevelDbStore::open(at / "events", nullptr, kBufferBytes);
        if (!store) {
            refusal = store.error().message;
            return nullptr;
        }
        auto log = EventLog::over(std::move(*store), kLogId);
        if (!log) refusal = log.error().message;
        return log ? std::move(*log) : nullptr;
    };
    const auto live = [&] {
        // A log's own directory is synced when it is created.
        if (!LevelDbStore::create(disk / "events") || !sync_directory(disk)) return;
        const auto log = open(disk);
        if (log) append(*log, 17, kBytes);
    };
    enumerate(100, live, [&](const fs::path& at, const std::string& where) {
        if (!fs::exists(at / "events" / "CURRENT")) {
            EXPECT_EQ(acknowledged, Position{}) << where;
            return;
        }
        const auto log = open(at);
        if (log == nullptr && may_refuse) return;
        ASSERT_NE(log, nullptr) << refusal << " " << where;
        expect_whole(*log, kBytes, where);
    });
}

std::string name_of(const testing::TestParamInfo<Fault>& fault) {
    switch (fault.param) {
        case Fault::single:
            return "ACall";
        case Fault::half_written:
            return "AHalfWrite";
        case Fault::power:
            return "ThePower";
    }
    return {};
}

INSTANTIATE_TEST_SUITE_P(Of, SystemFaults,
                         testing::Values(Fault::single, Fault::half_written, Fault::power),
                         name_of);

}  // namespace
}  // namespace slipway
