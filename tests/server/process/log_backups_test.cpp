#include "server/process/jobs/log_backups.h"

#include "eventlog/base/digest.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/log_directory.h"
#include "tests/server/engine/engine_world.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <set>

namespace slipway {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kOwner = "inst_01h455vb4pex5vsknk084sn02q";

struct BackupsTest : testing::Test, EngineWorld {
    // Waits until it has ended, on the thread of the test as on the io thread.
    const Backups::Last& made() {
        std::promise<std::function<void()>> posted;
        post = [&posted](std::function<void()> work) { posted.set_value(std::move(work)); };
        backups.announce(log().durable());
        EXPECT_TRUE(backups.are_running());
        backups.start();
        posted.get_future().get()();
        return *backups.last();
    }
    std::set<std::string> names() const {
        std::set<std::string> found;
        for (const auto& entry : fs::directory_iterator{directory}) {
            found.insert(entry.path().filename().string());
        }
        return found;
    }
    std::vector<std::string> payloads(const EventLog& of) const {
        std::vector<std::string> all;
        EXPECT_TRUE(of.scan(Position{1}, of.durable(), [&](const Record& record) {
            all.emplace_back(record.payload);
            return true;
        }));
        return all;
    }

    TemporaryDirectory temporary;
    const fs::path directory = temporary.path() / "backups";
    std::function<void(std::function<void()>)> post;
    LogBackups backups{log(),
                       clock,
                       {.directory = directory, .owner = kOwner},
                       [this](std::function<void()> work) { post(std::move(work)); }};
};

TEST_F(BackupsTest, AreTheLogUpToTheirPositionWithItsDigests) {
    for (int i = 0; i < 2'500; ++i) schedule(kNoon + 1h);
    flush();
    const Position end = log().durable();
    const Backups::Last& last = made();
    EXPECT_EQ(last.progress, Backups::Progress::done) << last.failure;
    EXPECT_EQ(last.position, end);
    EXPECT_EQ(last.digest, hex_of(bytes_of(*log().digest_at(end))));
    EXPECT_EQ(last.name, "20270210T120000Z-" + std::to_string(end.value));
    EXPECT_EQ(names(), std::set{last.name});
    State replayed;
    const auto copy = open_log(directory / last.name / "log", clock, {}, [&](const Record& one) {
        replayed.apply(*decode(one.position, one.payload));
        return true;
    });
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ(payloads(**copy), payloads(log()));
    EXPECT_EQ((*copy)->log_id(), log().log_id());
    EXPECT_EQ(replayed.fingerprint(), state().fingerprint());
}

TEST_F(BackupsTest, OfALogThatGrowsEndWhereTheyBegan) {
    const Position end = log().durable();
    std::promise<std::function<void()>> posted;
    post = [&posted](std::function<void()> work) { posted.set_value(std::move(work)); };
    backups.announce(end);
    backups.start();
    for (int i = 0; i < 100; ++i) schedule(kNoon + 1h);
    flush();
    posted.get_future().get()();
    EXPECT_EQ(backups.last()->progress, Backups::Progress::done);
    const auto copy = open_log_copy(directory / backups.last()->name / "log");
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ((*copy)->durable(), end);
}

TEST_F(BackupsTest, OfADamagedLogFailAndLeaveNothing) {
    schedule(kNoon + 1h);
    flush();
    std::string value = store.get(event_key(Position{3}));
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
    store.put(event_key(Position{3}), value);
    const Backups::Last& last = made();
    EXPECT_EQ(last.progress, Backups::Progress::failed);
    EXPECT_NE(last.failure.find("position 3"), std::string::npos) << last.failure;
    EXPECT_EQ(names(), std::set<std::string>{});
}

TEST_F(BackupsTest, ThatCannotBeWrittenFailAndTellNoPathOfTheMachine) {
    std::ofstream{directory} << "a file in its place";
    const Backups::Last& last = made();
    EXPECT_EQ(last.progress, Backups::Progress::failed);
    EXPECT_EQ(last.failure.find(temporary.path().string()), std::string::npos) << last.failure;
    EXPECT_FALSE(last.failure.empty());
}

TEST_F(BackupsTest, OfLargeRecordsAreWhole) {
    AppDefinition definition = state().apps().find(kApi)->definition();
    Container& container = definition.infrastructure.containers.emplace_back();
    container.name = container.image = "api";
    for (int i = 0; i < 700; ++i) {
        for (int j = 0; j < 7; ++j) {
            container.env["V" + std::to_string(j)] =
                std::string(8'000, static_cast<char>('a' + i % 26)) + std::to_string(i);
        }
        submit(ReviseApp{kApi, definition});
        if (i % 50 == 0) flush();
    }
    while (log().waiting().units > 0) flush();
    const Backups::Last& last = made();
    EXPECT_EQ(last.progress, Backups::Progress::done) << last.failure;
    EXPECT_EQ(last.digest, hex_of(bytes_of(*log().digest_at(log().durable()))));
}

TEST_F(BackupsTest, GiveUpBeforeTheDiskIsFull) {
    LogBackups timid{
        log(),
        clock,
        {.directory = directory, .owner = kOwner, .disk_reserve_bytes = UINTMAX_MAX / 2},
        [this](std::function<void()> work) { post(std::move(work)); }};
    std::promise<std::function<void()>> posted;
    post = [&posted](std::function<void()> work) { posted.set_value(std::move(work)); };
    timid.announce(log().durable());
    timid.start();
    posted.get_future().get()();
    EXPECT_EQ(timid.last()->progress, Backups::Progress::failed);
    EXPECT_NE(timid.last()->failure.find("nearly full"), std::string::npos);
    EXPECT_EQ(names(), std::set<std::string>{});
}

TEST_F(BackupsTest, RemoveWhatAnEarlierProcessOfTheirOwnerLeftAndNothingElse) {
    const auto partial = [&](const std::string& name, const std::string& owner) {
        fs::create_directories(directory / name / "log");
        if (!owner.empty()) std::ofstream{directory / name / "unfinished_backup_of"} << owner;
    };
    const std::string ending = "." + std::string{kOwner} + ".partial";
    partial("20270210T120000Z-7" + ending, kOwner);
    fs::create_directories(directory / ("20270210T120000Z-8" + ending));  // cut off before its mark
    const std::set<std::string> others{"20270210T110000Z-6", "movie.partial",
                                       "20270210T120000Z-7.inst_other.partial",
                                       "named_alike" + ending, "of_another" + ending};
    partial("20270210T110000Z-6", "");
    partial("movie.partial", "");
    partial("20270210T120000Z-7.inst_other.partial", "inst_other");
    partial("named_alike" + ending, "");
    partial("of_another" + ending, "inst_other");
    const LogBackups next{log(), clock, {.directory = directory, .owner = kOwner}, {}};
    EXPECT_EQ(names(), others);
    EXPECT_FALSE(next.last());
}

TEST_F(BackupsTest, StayWholeIfAProcessEndedBeforeItTookTheirMarkAway) {
    const std::string name = made().name;
    std::ofstream{directory / name / "unfinished_backup_of"} << kOwner;
    fs::create_directories(directory / "another's");
    std::ofstream{directory / "another's" / "unfinished_backup_of"} << "inst_other";
    const LogBackups next{log(), clock, {.directory = directory, .owner = kOwner}, {}};
    EXPECT_FALSE(fs::exists(directory / name / "unfinished_backup_of"));
    EXPECT_TRUE(fs::exists(directory / "another's" / "unfinished_backup_of"));
    const auto copy = open_log_copy(directory / name / "log");
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ((*copy)->durable(), log().durable());
}

TEST_F(BackupsTest, LeaveTheModeOfADirectoryThatIsThere) {
    const fs::perms mode = fs::perms::owner_all | fs::perms::group_all | fs::perms::others_read;
    fs::create_directories(directory);
    fs::permissions(directory, mode);
    EXPECT_EQ(made().progress, Backups::Progress::done);
    EXPECT_EQ(fs::status(directory).permissions(), mode);
}

TEST_F(BackupsTest, HoldNothingThatSaysTheyAreUnfinished) {
    const Backups::Last& last = made();
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator{directory / last.name}) {
        found.insert(entry.path().filename().string());
    }
    EXPECT_EQ(found, std::set<std::string>{"log"});
}

}  // namespace
}  // namespace slipway
