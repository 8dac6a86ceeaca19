// The n-th system call of two snapshots fails, for every n, or the power goes there. What was kept
// is found, and whatever is found is the state of its position.

#include "eventlog/log/event_log.h"
#include "server/process/jobs/snapshot_directory.h"
#include "tests/support/breakable_store.h"
#include "tests/support/random_story.h"
#include "tests/support/system_calls/system_calls.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace slipway {
namespace {

namespace fs = std::filesystem;

class SnapshotFaults : public testing::Test {
  protected:
    SnapshotFaults() {
        RandomStory story{7};
        for (int i = 0; i < 60; ++i) story.go_on();
        const auto& history = story.history();
        for (std::uint32_t i = 1; i <= history.size(); ++i) {
            CHECK(log->append({{Uuid{1, 1}, Version{i}, Uuid{}, "an event"}}));
        }
        while (log->waiting().units > 0) log->flush();
        first = Position{history.size() / 2};
        second = Position{history.size()};
        states[Position{}] = std::make_unique<State>();
        for (const Position position : {first, second}) {
            auto& state = states[position] = std::make_unique<State>();
            for (std::size_t i = 0; i < position.value; ++i) state->apply(history[i]);
        }
    }

    Result<void> make(const SnapshotDirectory& directory, Position position) {
        const State& state = *states.at(position);
        const SnapshotHeader header{log->log_id(), position, *log->digest_at(position),
                                    kFinishedTreesKept, state.fingerprint()};
        auto made = directory.write(header, state, [] { return Result<void>{}; });
        if (!made) return made;
        if (const auto read = directory.read_back(); !read) return read.error();
        return directory.keep(position);
    }
    // Both, as far as it goes.
    void live() {
        const SnapshotDirectory directory{disk / "snapshots"};
        for (const Position position : {first, second}) {
            if (make(directory, position)) kept = position;
        }
    }
    void look(const fs::path& at, const std::string& where) {
        const auto found = SnapshotDirectory{at / "snapshots"}.newest_for(*log);
        ASSERT_TRUE(found) << found.error().message << " " << where;
        const Position position = (*found)->position();
        EXPECT_GE(position, kept) << where;
        ASSERT_TRUE(states.contains(position)) << where;
        EXPECT_EQ((*found)->fingerprint(), states.at(position)->fingerprint()) << where;
    }
    void begin() {
        fs::remove_all(disk);
        fs::create_directories(disk);
        kept = {};
    }

    const TemporaryDirectory place = TemporaryDirectory::in_memory();
    const fs::path disk = place.path() / "disk";
    const fs::path after = place.path() / "after";
    BreakableStore store;
    std::unique_ptr<EventLog> log = std::move(*EventLog::over(store.open(), Uuid{7, 7}));
    std::map<Position, std::unique_ptr<State>> states;
    Position first;
    Position second;
    Position kept;
};

TEST_F(SnapshotFaults, LeaveAStateThatIsTrue) {
    std::set<std::string> kinds;
    bool reached = true;
    for (std::uint64_t call = 1; reached; ++call) {
        reached = false;
        for (const bool half : {false, true}) {
            begin();
            SystemCalls calls{disk};
            calls.fail(call, false, half);
            live();
            if (!calls.has_failed()) continue;
            reached = true;
            kinds.insert(calls.failed_call());
            look(disk, "after call " + std::to_string(call) + " failed");
        }
    }
    for (const char* const kind : {"open", "write", "fsync", "rename"}) {
        EXPECT_TRUE(kinds.contains(kind)) << kind << " was not seen";
    }
}

TEST_F(SnapshotFaults, OfThePowerLeaveAStateThatIsTrue) {
    bool reached = true;
    for (std::uint64_t call = 1; reached; ++call) {
        for (const auto unsynced :
             {Unsynced::lost, Unsynced::names_kept, Unsynced::torn, Unsynced::zeroed}) {
            begin();
            SystemCalls calls{disk};
            calls.fail(call, true, false);
            live();
            reached = calls.has_failed();
            fs::remove_all(after);
            calls.cut_power(after, unsynced);
            look(after, "after the power went at call " + std::to_string(call));
        }
    }
}

}  // namespace
}  // namespace slipway
