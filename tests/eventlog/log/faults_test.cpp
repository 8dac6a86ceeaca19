// The n-th call to the disk fails, for every n; then the power goes. What was acknowledged is
// there, what was not is there as a whole or not at all, and after a failed write nothing else was
// acknowledged.

#include "eventlog/log/event_log.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_store.h"
#include "tests/support/faulty_env.h"
#include "tests/support/log_id.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr int kGroups = 12;

class Faults : public testing::TestWithParam<std::tuple<bool, bool>> {
  protected:
    std::filesystem::path at() const { return directory.path() / "events"; }

    std::unique_ptr<EventLog> open() {
        auto store = LevelDbStore::open(at(), &env);
        if (!store) return nullptr;
        auto log = EventLog::over(std::move(*store), kLogId);
        return log ? std::move(*log) : nullptr;
    }

    // Appends and flushes groups of two, and opens the log anew in the middle. Returns the last
    // position that was acknowledged.
    Position run() {
        std::uint32_t version = 0;
        Position acknowledged;
        for (const bool again : {false, true}) {
            const auto log = open();
            if (!log) return acknowledged;
            if (again) {
                EXPECT_GE(log->durable(), acknowledged);
                version = static_cast<std::uint32_t>(log->durable().value);
            }
            bool failed = false;
            log->on_durable([&](Position position, const Result<void>& result) {
                EXPECT_FALSE(failed) << "acknowledged after a failure: " << position.value;
                failed = failed || !result;
                if (result) acknowledged = position;
            });
            for (int i = 0; i < kGroups / 2; ++i) {
                std::vector<NewRecord> records;
                for (int j = 0; j < 2; ++j) {
                    ++version;
                    records.push_back({Uuid{1, 1}, Version{version}, Uuid{2, 2},
                                       std::string(300, 'x') + std::to_string(version)});
                }
                if (!log->append(std::move(records))) break;
                log->flush();
            }
        }
        return acknowledged;
    }

    void expect_whole(Position acknowledged) {
        const auto log = open();
        ASSERT_NE(log, nullptr) << "the log does not open any more";
        const Position end = log->durable();
        EXPECT_GE(end, acknowledged) << "acknowledged events are gone";
        EXPECT_EQ(end.value % 2, 0U) << "half of a unit is there";
        std::uint64_t seen = 0;
        const auto scanned = log->scan(Position{1}, end, [&](const Record& record) {
            ++seen;
            EXPECT_EQ(record.payload, std::string(300, 'x') + std::to_string(seen));
            return true;
        });
        EXPECT_TRUE(scanned) << scanned.error().message;
        EXPECT_EQ(seen, end.value);
        const auto counts = log->count_indexes();
        ASSERT_TRUE(counts);
        EXPECT_EQ(counts->streams, seen);
        EXPECT_EQ(counts->teams, seen);
    }

    FaultyEnv env;
    TemporaryDirectory directory;
};

TEST_P(Faults, LoseNothingThatWasAcknowledged) {
    const auto [stays, half] = GetParam();
    env.write_short(half);
    std::uint64_t call = 0;
    bool reached = true;
    while (reached) {
        ++call;
        SCOPED_TRACE("call " + std::to_string(call) + " fails");
        std::filesystem::remove_all(at());
        env.fail(0, false);
        ASSERT_TRUE(LevelDbStore::create(at(), &env));
        // A fault before the log has its head leaves nothing that could be opened or lost.
        ASSERT_NE(open(), nullptr);
        env.fail(call, stays);
        const Position acknowledged = run();
        reached = env.has_failed();
        env.fail(0, false);
        env.cut_power();
        expect_whole(acknowledged);
        if (HasFailure()) return;
    }
    EXPECT_GT(call, 50U) << "the calls that may fail were not seen";
}

// LevelDB by itself goes on after a failed append, and loses what it acknowledges from there on.
TEST(FailedWrite, EndsTheStoreThoughTheDiskIsGoodAgain) {
    TemporaryDirectory directory;
    const auto at = directory.path() / "events";
    int refused = 0;
    for (std::uint64_t call = 1; refused < 2 && call < 20; ++call) {
        SCOPED_TRACE("call " + std::to_string(call) + " fails");
        FaultyEnv env;
        std::filesystem::remove_all(at);
        ASSERT_TRUE(LevelDbStore::create(at, &env));
        const auto store = LevelDbStore::open(at, &env);
        ASSERT_TRUE(store);
        env.fail(call, false);
        bool failed = false;
        std::optional<std::string> tail;
        for (int i = 0; i < 5; ++i) {
            const std::string next = std::to_string(i);
            const bool good{(*store)->commit({tail, {{std::string{kTailKey}, next}}})};
            EXPECT_FALSE(failed && good) << "acknowledged after a failure";
            failed = failed || !good;
            if (good) tail = next;
        }
        refused += failed ? 1 : 0;
    }
    EXPECT_EQ(refused, 2) << "neither an append nor a sync failed";
}

INSTANTIATE_TEST_SUITE_P(OfTheDisk, Faults, testing::Combine(testing::Bool(), testing::Bool()),
                         [](const auto& faults) {
                             return std::string{std::get<0>(faults.param) ? "Staying" : "Single"} +
                                    (std::get<1>(faults.param) ? "HalfWritten" : "Unwritten");
                         });

}  // namespace
}  // namespace slipway
