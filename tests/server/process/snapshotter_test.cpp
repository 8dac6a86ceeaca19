#include "server/process/jobs/snapshotter.h"

#include "eventlog/log/keys.h"
#include "tests/server/engine/engine_world.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <fstream>
#include <iterator>
#include <mutex>

namespace slipway {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Verdict = Snapshotter::Verdict;

// The io thread: what is posted to it is done by whoever turns it.
class Posted {
  public:
    void add(std::function<void()> work) {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(std::move(work));
        changed_.notify_all();
    }
    void turn() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return !waiting_.empty(); });
        const auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
};

struct SnapshotterTest : testing::Test, EngineWorld {
    static constexpr std::uint64_t kEvery = 10;

    SnapshotterTest() { fs::create_directories(data); }

    Snapshotter::Options options() const {
        Snapshotter::Options made;
        made.every = kEvery;
        made.place = data;
        made.disk_reserve_bytes = 0;
        made.pause = {};
        return made;
    }
    void begin() {
        snapshotter.emplace(
            *engine, clock, directory, options(),
            [this](std::function<void()> work) { posted.add(std::move(work)); },
            [this](const Snapshotter::Outcome& outcome) { outcomes.push_back(outcome); });
    }
    // Lets what was decided become durable, and makes a snapshot if that is due; waits for its end.
    void flush() {
        EngineWorld::flush();
        snapshotter->durable_up_to(log().durable());
    }
    Snapshotter::Outcome outcome(const std::function<void()>& meanwhile = [] {}) {
        const std::size_t before = outcomes.size();
        while (outcomes.size() == before) {
            posted.turn();
            meanwhile();
        }
        return outcomes.back();
    }
    Snapshotter::Outcome snapshot() {
        for (std::uint64_t i = 0; i < kEvery; ++i) schedule(clock.time + 1h);
        clock.time += 24h;  // it has rested
        flush();
        return outcome();
    }
    // From here on the live state is not what the log says.
    void go_astray() {
        const auto claimed = [&](const std::string& host) {
            const Envelope envelope{clock.now(), {}, Version{1}, {}, {}, {}, {}, {}};
            const Position next{state().position().value + 1};
            return RecordedEvent{next, envelope,
                                 InstallationClaimed{InstallationId{{9, 9}}, host, {}}};
        };
        const RecordedEvent told = claimed("here");
        CHECK(log().append({{Uuid{}, Version{1}, Uuid{}, encode(told.envelope, told.event)}}));
        state_to_spoil().apply(claimed("there"));
    }
    std::unique_ptr<State> loaded() {
        auto newest = directory.newest_for(log());
        EXPECT_TRUE(newest) << newest.error().message;
        return std::move(*newest);
    }
    std::vector<Position> kept() const { return directory.positions(); }
    void change(Position position, std::size_t at) const {
        std::fstream file{data / "snapshots" / std::to_string(position.value),
                          std::ios::in | std::ios::out | std::ios::binary};
        file.seekg(static_cast<std::streamoff>(at));
        const auto byte = static_cast<char>(file.get() ^ 1);
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte);
    }

    TemporaryDirectory temporary;
    const fs::path data = temporary.path() / "data";
    const SnapshotDirectory directory{data / "snapshots"};
    Posted posted;
    std::vector<Snapshotter::Outcome> outcomes;
    std::optional<Snapshotter> snapshotter;
};

TEST_F(SnapshotterTest, WritesTheStateAfterSoManyEvents) {
    begin();
    flush();
    EXPECT_EQ(snapshotter->newest(), Position{});
    const auto made = snapshot();
    EXPECT_EQ(made.verdict, Verdict::kept) << made.why;
    EXPECT_EQ(made.position, state().position());
    EXPECT_EQ(snapshotter->newest(), state().position());
    EXPECT_EQ(loaded()->fingerprint(), state().fingerprint());
}

TEST_F(SnapshotterTest, KeepsTheNewestTwo) {
    begin();
    std::vector<Position> made;
    for (int i = 0; i < 4; ++i) made.push_back(snapshot().position);
    EXPECT_THAT(kept(), ElementsAre(made[3], made[2]));
    EXPECT_EQ(loaded()->position(), made[3]);
}

TEST_F(SnapshotterTest, RestsLongerThanItWorks) {
    begin();
    for (std::uint64_t i = 0; i < kEvery; ++i) schedule(clock.time + 1h);
    flush();
    outcome([this] { clock.time += 1s; });
    for (std::uint64_t i = 0; i < kEvery; ++i) schedule(clock.time + 1h);
    flush();
    EXPECT_EQ(kept().size(), 1U);
    clock.time += 24h;
    flush();
    EXPECT_EQ(outcome().verdict, Verdict::kept);
    EXPECT_EQ(kept().size(), 2U);
}

TEST_F(SnapshotterTest, ComparesWithALiveStateThatGoesOn) {
    begin();
    for (int i = 0; i < 3'000; ++i) schedule(clock.time + 1h);
    const Position end = state().position();
    flush();
    int turns = 0;
    const auto made = outcome([&] {
        ++turns;
        // Only what is durable is compared, however far the live state has got.
        schedule(clock.time + 2h);
        submit(CancelDeployment{state().schedules().at(RowIndex(turns)).id, {}});
        log().flush();
    });
    EXPECT_GT(turns, 5);
    EXPECT_EQ(made.verdict, Verdict::kept) << made.why;
    EXPECT_EQ(made.position, end);
}

TEST_F(SnapshotterTest, NeverKeepsOneWhenTheLiveStateIsAnother) {
    begin();
    snapshot();
    go_astray();
    const auto made = snapshot();
    EXPECT_EQ(made.verdict, Verdict::differs);
    EXPECT_THAT(made.why, HasSubstr("up to position " + std::to_string(state().position().value)));
    EXPECT_THAT(kept(), IsEmpty());
    // And none after it.
    for (std::uint64_t i = 0; i < kEvery; ++i) schedule(clock.time + 1h);
    clock.time += 24h;
    flush();
    EXPECT_EQ(outcomes.size(), 2U);
    EXPECT_FALSE(fs::exists(data / "snapshots" / "partial"));
}

TEST_F(SnapshotterTest, ProvesTheWholeLogWithTheFirstOfAProcess) {
    for (std::uint64_t i = 0; i < kEvery; ++i) schedule(clock.time + 1h);
    log().flush();
    std::string value = store.get(event_key(Position{3}));
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
    store.put(event_key(Position{3}), value);
    begin();
    flush();
    const auto made = outcome();
    EXPECT_EQ(made.verdict, Verdict::damaged);
    EXPECT_THAT(made.why, HasSubstr("position 3:"));
    EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(SnapshotterTest, ShowsAtOnceThatTheSnapshotOfTheStartWasRight) {
    begin();
    const Position first = snapshot().position;
    snapshotter.reset();
    begin();
    schedule(clock.time + 1h);
    log().flush();
    snapshotter->started_from(first);
    const auto made = outcome();
    EXPECT_EQ(made.verdict, Verdict::kept) << made.why;
    EXPECT_THAT(kept(), ElementsAre(state().position(), first));
}

TEST_F(SnapshotterTest, FindsThatTheSnapshotOfTheStartWasNotWhatTheLogSays) {
    go_astray();
    log().flush();
    SnapshotHeader header;
    header.log_id = log().log_id();
    header.position = state().position();
    header.digest = *log().digest_at(header.position);
    header.fingerprint = state().fingerprint();
    ASSERT_TRUE(directory.write(header, state(), [] { return Result<void>{}; }));
    ASSERT_TRUE(directory.keep(header.position));
    // All fits: it is used.
    EXPECT_EQ(loaded()->fingerprint(), state().fingerprint());
    begin();
    snapshotter->started_from(header.position);
    EXPECT_EQ(outcome().verdict, Verdict::differs);
    EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(SnapshotterTest, GivesUpWhenTheServerStops) {
    begin();
    for (std::uint64_t i = 0; i < kEvery; ++i) schedule(clock.time + 1h);
    flush();
    snapshotter->stop();
    EXPECT_THAT(kept(), IsEmpty());
    EXPECT_FALSE(fs::exists(data / "snapshots" / "partial"));
}

TEST_F(SnapshotterTest, GivesUpWhenTheDiskHasNoRoom) {
    Snapshotter::Options full = options();
    full.disk_reserve_bytes = std::uintmax_t{1} << 60;
    snapshotter.emplace(
        *engine, clock, directory, full,
        [this](std::function<void()> work) { posted.add(std::move(work)); },
        [this](const Snapshotter::Outcome& outcome) { outcomes.push_back(outcome); });
    const auto made = snapshot();
    EXPECT_EQ(made.verdict, Verdict::given_up);
    EXPECT_THAT(made.why, HasSubstr("disk"));
    EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(SnapshotterTest, LeavesNothingOfOneThatWasCutOff) {
    fs::create_directories(data / "snapshots");
    std::ofstream{data / "snapshots" / "partial"} << "half of";
    begin();
    EXPECT_FALSE(fs::exists(data / "snapshots" / "partial"));
}

// ---- What a start finds

struct SnapshotDirectoryTest : SnapshotterTest {
    SnapshotDirectoryTest() {
        begin();
        first = snapshot().position;
        second = snapshot().position;
        snapshotter.reset();
    }
    Position first;
    Position second;
};

TEST_F(SnapshotDirectoryTest, GivesAnEmptyStateWhereNoneIsGood) {
    directory.clear();
    EXPECT_EQ(loaded()->position(), Position{});
}

TEST_F(SnapshotDirectoryTest, TakesTheOlderWhenTheNewerIsDamaged) {
    EXPECT_EQ(loaded()->position(), second);
    change(second, 200);
    EXPECT_EQ(loaded()->position(), first);
    change(first, 300);
    EXPECT_EQ(loaded()->position(), Position{});
}

TEST_F(SnapshotDirectoryTest, TakesNoneOfAnotherLog) {
    BreakableStore other_store;
    const auto other = std::move(*EventLog::over(other_store.open(), Uuid{7, 8}));
    const auto newest = directory.newest_for(*other);
    ASSERT_TRUE(newest) << newest.error().message;
    EXPECT_EQ((*newest)->position(), Position{});
}

TEST_F(SnapshotDirectoryTest, RefusesALogThatWasAnotherOnce) {
    BreakableStore other_store;
    const auto other = std::move(*EventLog::over(other_store.open(), log().log_id()));
    for (std::uint32_t i = 1; i <= second.value; ++i) {
        CHECK(other->append({{Uuid{1, 1}, Version{i}, Uuid{}, "another event"}}));
    }
    while (other->waiting().units > 0) other->flush();
    const auto newest = directory.newest_for(*other);
    ASSERT_FALSE(newest);
    EXPECT_EQ(newest.error().code, ErrorCode::corruption);
    EXPECT_THAT(newest.error().message, HasSubstr("position " + std::to_string(second.value)));
}

TEST_F(SnapshotDirectoryTest, RefusesALogThatWasLongerOnce) {
    BreakableStore other_store;
    const auto other = std::move(*EventLog::over(other_store.open(), log().log_id()));
    const auto newest = directory.newest_for(*other);
    ASSERT_FALSE(newest);
    EXPECT_EQ(newest.error().code, ErrorCode::corruption);
    EXPECT_THAT(newest.error().message, HasSubstr("ends at position 0; it was durable up to " +
                                                  std::to_string(second.value)));
    EXPECT_THAT(newest.error().message, HasSubstr("1 to " + std::to_string(second.value)));
}

}  // namespace
}  // namespace slipway
