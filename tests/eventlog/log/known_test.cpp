// A log of which something is known already when it is opened: that much is not proven again.

#include "eventlog/log/anchor.h"
#include "eventlog/log/leveldb_store.h"
#include "eventlog/log/log_directory.h"
#include "eventlog/log/log_files.h"
#include "eventlog/log/log_proof.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KnownLog : public testing::Test {
  protected:
    KnownLog() {
        CHECK(create_log(at, Uuid{7, 7}));
        const auto log = std::move(*open(Position{}));
        for (std::uint32_t i = 1; i <= 5; ++i) {
            CHECK(log->append({{Uuid{1, 1}, Version{i}, Uuid{2, 2}, "event"}}));
            log->flush();
        }
        CHECK(log->close());
    }

    Result<std::unique_ptr<EventLog>> open(const Result<Position>& known) {
        replayed.clear();
        auto place = lock_place(at);
        if (!place) return place.error();
        auto proof = LogProof::of(std::move(*place));
        if (!proof) return proof.error();
        if (!known) return known.error();
        auto proven = proof->replay(*known, [this](const Record& record) {
            replayed.push_back(record.position.value);
            return true;
        });
        if (!proven) return proven.error();
        return proof->open(clock, {});
    }
    // Changes the record there, and no other.
    void damage(Position position) const {
        const auto store = LevelDbStore::open(events_directory(at));
        CHECK(store.has_value());
        WriteBatch batch;
        batch.follows = *(*store)->get(kTailKey);
        std::string value = *(*store)->get(event_key(position));
        value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
        batch.puts.emplace_back(event_key(position), value);
        CHECK((*store)->commit(batch));
    }

    ManualClock clock;
    TemporaryDirectory directory;
    const std::filesystem::path at = directory.path() / "log";
    std::vector<std::uint64_t> replayed;
};

TEST_F(KnownLog, IsReplayedFromThereOn) {
    EXPECT_TRUE(open(Position{3}));
    EXPECT_THAT(replayed, ElementsAre(4, 5));
    EXPECT_TRUE(open(Position{5}));
    EXPECT_THAT(replayed, IsEmpty());
    EXPECT_TRUE(open(Position{}));
    EXPECT_THAT(replayed, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(KnownLog, IsRefusedForWhatIsNotKnown) {
    damage(Position{4});
    const auto log = open(Position{3});
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().message, HasSubstr("position 4"));
}

TEST_F(KnownLog, NamesWhatIsDamagedBeforeItOnceThatIsRead) {
    damage(Position{2});
    const auto log = open(Position{3});
    ASSERT_TRUE(log);
    const auto scanned = (*log)->scan(Position{1}, Position{5}, [](const Record&) { return true; });
    ASSERT_FALSE(scanned);
    EXPECT_THAT(scanned.error().message, HasSubstr("position 2"));
}

TEST_F(KnownLog, StillHasToBeWhatItsAnchorSays) {
    CHECK(write_anchor(anchor_file(at), {Position{2}, sha256("another record")}));
    for (const std::uint64_t known : {0U, 1U, 2U, 3U, 5U}) {
        const auto log = open(Position{known});
        ASSERT_FALSE(log);
        EXPECT_THAT(log.error().message, HasSubstr("position 2 is not what the anchor says"));
    }
}

TEST_F(KnownLog, IsLeftAsItWasIfItCannotBeWhatWasKnown) {
    const Error wrong{ErrorCode::corruption, "it was longer once"};
    const auto log = open(wrong);
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error(), wrong);
    EXPECT_THAT(replayed, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(at.string() + ".proof"));
    EXPECT_TRUE(open(Position{}));
}

}  // namespace
}  // namespace slipway
