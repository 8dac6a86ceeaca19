#include "server/process/jobs/scrub.h"

#include "eventlog/log/keys.h"
#include "tests/support/breakable_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <new>

namespace slipway {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kRecords = 2 * kScrubRecords + 5;

class ScrubTest : public testing::Test {
  protected:
    ScrubTest() {
        for (std::uint32_t i = 1; i <= kRecords; ++i) {
            const std::string payload = "event " + std::to_string(i);
            CHECK(log->append({{Uuid{1, 1}, Version{i}, Uuid{2, 2}, payload}}));
            log->flush();
        }
    }

    std::unique_ptr<EventLog> open() {
        auto opened = EventLog::over(store.open(), Uuid{7, 7});
        CHECK(opened.has_value());
        return std::move(*opened);
    }

    // What the `nth` scrub says of it.
    Result<void> verdict(int nth = 1) {
        std::promise<Result<void>> said;
        int count = 0;
        Scrub scrub{*log, {.interval = {}, .pause = {}}, [&](const Result<void>& found) {
                        if (++count == nth) said.set_value(found);
                    }};
        return said.get_future().get();
    }

    void spoil(Position position) {
        std::string value = store.get(event_key(position));
        value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
        store.put(event_key(position), value);
    }

    BreakableStore store;
    std::unique_ptr<EventLog> log = open();
};

TEST_F(ScrubTest, FindsNothingWrongWithAWholeLog) {
    EXPECT_TRUE(verdict());
}

// A store that has no memory to read with.
class ExhaustedStore : public MemoryStore {
  public:
    Result<void> scan(std::string_view from, std::string_view to, Order order,
                      const Visitor& visit) const override {
        if (is_exhausted) throw std::bad_alloc{};
        return MemoryStore::scan(from, to, order, visit);
    }
    std::atomic<bool> is_exhausted{false};
};

TEST_F(ScrubTest, WithoutMemorySaysNothingOfTheLogAndComesAgain) {
    auto exhausted = std::make_unique<ExhaustedStore>();
    ExhaustedStore& there = *exhausted;
    const auto small = std::move(*EventLog::over(std::move(exhausted), Uuid{7, 7}));
    ASSERT_TRUE(small->append({{Uuid{1, 1}, Version{1}, Uuid{2, 2}, "event"}}));
    small->flush();
    there.is_exhausted = true;
    std::promise<Result<void>> first;
    std::promise<Result<void>> second;
    int count = 0;
    Scrub scrub{*small, {.interval = {}, .pause = {}}, [&](const Result<void>& found) {
                    if (++count == 1) first.set_value(found);
                    if (count == 2) second.set_value(found);
                    there.is_exhausted = false;
                }};
    const auto verdict_then = first.get_future().get();
    ASSERT_FALSE(verdict_then);
    EXPECT_EQ(verdict_then.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(second.get_future().get());
}

TEST_F(ScrubTest, ComesAgain) {
    EXPECT_TRUE(verdict(3));
}

TEST_F(ScrubTest, NamesTheFirstBadPositionWhereverItIs) {
    for (const std::uint64_t bad : {kRecords, kScrubRecords + 1, kScrubRecords, std::uint64_t{1}}) {
        spoil(Position{bad});
        const auto found = verdict();
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().code, ErrorCode::corruption);
        EXPECT_THAT(found.error().message, HasSubstr("position " + std::to_string(bad) + ":"));
    }
}

TEST_F(ScrubTest, MissesNoRecordThatIsGone) {
    store.remove(event_key(Position{kScrubRecords}));
    const auto found = verdict();
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, HasSubstr("position " + std::to_string(kScrubRecords)));
}

TEST_F(ScrubTest, LeavesAScrubThatIsStopped) {
    bool done = false;
    Scrub scrub{*log, {.interval = {}, .pause = std::chrono::hours{1}}, [&](const Result<void>&) {
                    done = true;
                }};
    scrub.stop();
    EXPECT_FALSE(done);
}

}  // namespace
}  // namespace slipway
