// The proof of a log that is kept elsewhere than in a directory: what it asks for is the place.

#include "eventlog/log/log_proof.h"

#include "tests/support/breakable_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ProofOfAnyStore : public testing::Test {
  protected:
    ProofOfAnyStore() {
        const auto log = std::move(*EventLog::over(store.open(), Uuid{7, 7}));
        for (std::uint32_t i = 1; i <= 3; ++i) {
            CHECK(log->append({{Uuid{1, 1}, Version{i}, Uuid{2, 2}, "event"}}));
        }
        log->flush();
        end = log->durable_end();
    }
    Result<std::unique_ptr<EventLog>> open(const Tail& anchor) {
        replayed.clear();
        return open_proven(store.open(), anchor, clock, [this](const Record& record) {
            replayed.push_back(record.position.value);
            return true;
        });
    }

    BreakableStore store;
    ManualClock clock;
    Tail end;
    std::vector<std::uint64_t> replayed;
};

TEST_F(ProofOfAnyStore, OpensWhatWasProven) {
    const auto log = open(end);
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_THAT(replayed, ElementsAre(1, 2, 3));
    EXPECT_TRUE((*log)->append({{Uuid{1, 1}, Version{4}, Uuid{2, 2}, "event"}}));
    (*log)->flush();
    EXPECT_EQ((*log)->durable(), Position{4});
    EXPECT_TRUE((*log)->close());
}

TEST_F(ProofOfAnyStore, RefusesALogThatEndsBeforeItsAnchor) {
    const auto log = open({Position{4}, {}});
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().message, HasSubstr("so that 4 to 4 are missing"));
}

TEST_F(ProofOfAnyStore, NamesTheRecordThatIsDamaged) {
    store.put(event_key(Position{2}), "bad");
    const auto log = open(end);
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().message, HasSubstr("position 2"));
    EXPECT_THAT(replayed, ElementsAre(1));
}

TEST_F(ProofOfAnyStore, HandsOnWhatTheVisitorRefuses) {
    const Error refused{ErrorCode::invalid, "no such event"};
    const auto log = open_proven(store.open(), end, clock,
                                 [&](const Record&) -> Result<bool> { return refused; });
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error(), refused);
}

}  // namespace
}  // namespace slipway
