#include "eventlog/log/event_log.h"

#include "eventlog/log/subscription.h"
#include "tests/support/breakable_store.h"
#include "tests/support/log_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr Uuid kAppStream{1, 1};
constexpr Uuid kOtherStream{1, 2};
constexpr Uuid kTeam{2, 1};
constexpr Uuid kOtherTeam{2, 2};

NewRecord record(std::string payload, Uuid stream = kAppStream, std::uint32_t version = 1,
                 Uuid team = kTeam) {
    return {stream, Version{version}, team, std::move(payload)};
}

class EventLogTest : public testing::Test {
  protected:
    std::unique_ptr<EventLog> open() {
        auto opened = EventLog::over(store.open(), kLogId);
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    void append(const std::string& payload) {
        ASSERT_TRUE(log->append({record(payload, kAppStream, ++version_)}));
    }
    std::vector<std::string> payloads(std::uint64_t from, std::uint64_t to) const {
        std::vector<std::string> found;
        const auto scanned = log->scan(Position{from}, Position{to}, [&](const Record& one) {
            found.emplace_back(one.payload);
            return true;
        });
        EXPECT_TRUE(scanned) << scanned.error().message;
        return found;
    }
    // What a scan of all says of damage.
    Error damage() const {
        const auto scanned =
            log->scan(Position{1}, log->durable(), [](const Record&) { return true; });
        return scanned ? Error{ErrorCode::io, "nothing is wrong"} : scanned.error();
    }

    BreakableStore store;
    std::unique_ptr<EventLog> log = open();

  private:
    std::uint32_t version_ = 0;
};

TEST_F(EventLogTest, BeginsEmpty) {
    EXPECT_EQ(log->tail(), Position{0});
    EXPECT_EQ(log->durable(), Position{0});
    EXPECT_EQ(log->log_id(), kLogId);
    EXPECT_EQ(*log->digest_at(Position{0}), genesis_digest(kLogId));
}

TEST_F(EventLogTest, GivesPositionsWithoutAHole) {
    EXPECT_EQ(*log->append({record("a"), record("b", kAppStream, 2)}), Position{2});
    EXPECT_EQ(*log->append({record("c", kAppStream, 3)}), Position{3});
    log->flush();
    EXPECT_THAT(payloads(1, 3), ElementsAre("a", "b", "c"));
    EXPECT_THAT(payloads(2, 2), ElementsAre("b"));
    EXPECT_EQ(log->read(Position{3})->payload, "c");
}

TEST_F(EventLogTest, IsDurableOnlyOnceItWasFlushed) {
    append("a");
    EXPECT_EQ(log->tail(), Position{1});
    EXPECT_EQ(log->durable(), Position{0});
    EXPECT_EQ(log->read(Position{1}).error().code, ErrorCode::not_found);
    log->flush();
    EXPECT_EQ(log->durable(), Position{1});
}

TEST_F(EventLogTest, CommitsAllThatWaitsAsOneGroup) {
    const std::size_t before = store.commits();
    for (int i = 0; i < 100; ++i) append("event");
    log->flush();
    EXPECT_EQ(store.commits(), before + 1);
    EXPECT_EQ(log->durable(), Position{100});
}

TEST_F(EventLogTest, SaysHowMuchWaits) {
    append("four");
    append("seven77");
    EXPECT_EQ(log->waiting().units, 2U);
    EXPECT_EQ(log->waiting().bytes, 11U);
    log->flush();
    EXPECT_EQ(log->waiting().units, 0U);
    EXPECT_EQ(log->waiting().bytes, 0U);
}

TEST_F(EventLogTest, KeepsAUnitInOneGroupEvenIfItIsLarge) {
    const std::string half(kGroupBytesMax / 2 + 1, 'x');
    const std::size_t before = store.commits();
    ASSERT_TRUE(log->append({record("small")}));
    ASSERT_TRUE(log->append({record(half, kAppStream, 2), record(half, kAppStream, 3)}));
    log->flush();
    EXPECT_EQ(log->durable(), Position{1});
    log->flush();
    EXPECT_EQ(log->durable(), Position{3});
    EXPECT_EQ(store.commits(), before + 2);
}

TEST_F(EventLogTest, TellsWhatBecameDurable) {
    std::vector<std::uint64_t> heard;
    log->on_durable([&](Position position, const Result<void>& result) {
        EXPECT_TRUE(result);
        heard.push_back(position.value);
    });
    append("a");
    append("b");
    log->flush();
    log->flush();  // nothing new
    append("c");
    log->flush();
    EXPECT_THAT(heard, ElementsAre(2, 3));
}

TEST_F(EventLogTest, TakesNothingMoreAfterAFailedCommit) {
    std::vector<ErrorCode> heard;
    log->on_durable([&](Position, const Result<void>& result) {
        ASSERT_FALSE(result);
        heard.push_back(result.error().code);
    });
    append("a");
    store.fail_next(ErrorCode::indeterminate, false);
    log->flush();
    log->flush();
    EXPECT_THAT(heard, ElementsAre(ErrorCode::indeterminate));
    EXPECT_EQ(log->durable(), Position{0});
    const auto refused = log->append({record("b")});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::indeterminate);
    EXPECT_FALSE(log->close());
}

TEST_F(EventLogTest, ReadsWhatAFailedCommitWroteOnceItIsOpenedAgain) {
    append("a");
    store.fail_next(ErrorCode::indeterminate, true);
    log->flush();
    log = open();
    EXPECT_EQ(log->durable(), Position{1});
    EXPECT_THAT(payloads(1, 1), ElementsAre("a"));
}

TEST_F(EventLogTest, IsSealedWhenAnotherWriterHasTheStore) {
    const auto other = open();
    ASSERT_TRUE(other->append({record("other")}));
    other->flush();
    append("mine");
    log->flush();
    EXPECT_EQ(log->append({record("more")}).error().code, ErrorCode::fenced);
    EXPECT_EQ(other->read(Position{1})->payload, "other");
}

TEST_F(EventLogTest, RefusesWhatDoesNotFitItsQueueAndKeepsRoomForEndings) {
    const std::string large(kPayloadBytesMax, 'x');
    std::uint32_t taken = 0;
    while (log->append({record(large, kAppStream, taken + 1)})) ++taken;
    EXPECT_EQ(taken, kQueueBytesMax / kPayloadBytesMax);
    const auto refused = log->append({record(large)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(log->append({record(large, kAppStream, taken + 1)}, Urgency::due));
    while (log->append({record(large, kAppStream, ++taken + 1)}, Urgency::due)) {
    }
    EXPECT_TRUE(log->append({record(large, kAppStream, taken + 1)}, Urgency::closing));
    EXPECT_TRUE(log->close());
    EXPECT_TRUE(log->append({record("again", kAppStream, taken + 2)}));
}

TEST_F(EventLogTest, FindsTheEventsOfAStream) {
    ASSERT_TRUE(log->append({record("a1", kAppStream, 1), record("b1", kOtherStream, 1),
                             record("a2", kAppStream, 2), record("a3", kAppStream, 3)}));
    log->flush();
    const auto positions = [&](std::uint32_t from, std::size_t limit, Order order) {
        return *log->stream_positions(kAppStream, Version{from}, limit, order);
    };
    EXPECT_THAT(positions(1, 10, Order::ascending),
                ElementsAre(Position{1}, Position{3}, Position{4}));
    EXPECT_THAT(positions(2, 1, Order::ascending), ElementsAre(Position{3}));
    EXPECT_THAT(positions(9, 2, Order::newest_first), ElementsAre(Position{4}, Position{3}));
    EXPECT_THAT(positions(2, 2, Order::newest_first), ElementsAre(Position{3}, Position{1}));
    EXPECT_THAT(positions(4, 10, Order::ascending), ElementsAre());
}

TEST_F(EventLogTest, FindsTheEventsOfATeam) {
    ASSERT_TRUE(
        log->append({record("1", kAppStream, 1, kTeam), record("2", kOtherStream, 1, kOtherTeam),
                     record("3", kAppStream, 2, kTeam), record("4", Uuid{}, 1, Uuid{})}));
    log->flush();
    EXPECT_THAT(*log->team_positions(kTeam, Position{0}, 10),
                ElementsAre(Position{1}, Position{3}));
    EXPECT_THAT(*log->team_positions(kTeam, Position{1}, 10), ElementsAre(Position{3}));
    EXPECT_THAT(*log->team_positions(kTeam, Position{0}, 1), ElementsAre(Position{1}));
    EXPECT_THAT(*log->team_positions(kTeam, Position{UINT64_MAX}, 1), ElementsAre());
    EXPECT_THAT(*log->team_positions(kOtherTeam, Position{0}, 10), ElementsAre(Position{2}));
    const auto counts = *log->count_indexes();
    EXPECT_EQ(counts.streams, 4U);
    EXPECT_EQ(counts.teams, 3U);
}

TEST_F(EventLogTest, ShowsASubscriberWhatIsThereAndThenWhatComes) {
    const auto next = [](Subscription& events, std::size_t limit) {
        std::vector<std::string> payloads;
        const auto records = events.next(limit);
        EXPECT_TRUE(records);
        for (const StoredRecord& one : *records) payloads.push_back(one.payload);
        return payloads;
    };
    ASSERT_TRUE(
        log->append({record("1", kAppStream, 1, kTeam), record("2", kOtherStream, 1, kOtherTeam),
                     record("3", kAppStream, 2, kTeam), record("4", kAppStream, 3, kTeam)}));
    log->flush();
    Subscription events{*log, kTeam, Position{0}};
    EXPECT_THAT(next(events, 2), ElementsAre("1", "3"));
    EXPECT_EQ(events.position(), Position{3});
    EXPECT_THAT(next(events, 2), ElementsAre("4"));
    EXPECT_THAT(next(events, 2), ElementsAre());
    ASSERT_TRUE(log->append({record("5", kAppStream, 4, kTeam)}));
    EXPECT_THAT(next(events, 2), ElementsAre());  // not durable yet
    log->flush();
    EXPECT_THAT(next(events, 2), ElementsAre("5"));
    // One that comes back with its place misses nothing.
    Subscription again{*log, kTeam, Position{3}};
    EXPECT_THAT(next(again, 9), ElementsAre("4", "5"));
}

TEST_F(EventLogTest, LeavesASubscriberWhereItStoodWhenARecordIsDamaged) {
    for (const char* const payload : {"a", "b"}) append(payload);
    log->flush();
    const std::string good = store.get(event_key(Position{2}));
    store.put(event_key(Position{2}), "bad");
    Subscription events{*log, kTeam, Position{0}};
    EXPECT_EQ(events.next(9).error().code, ErrorCode::corruption);
    store.put(event_key(Position{2}), good);
    EXPECT_EQ(events.next(9)->size(), 2U);
}

class LogNotes : public EventLogTest {
  protected:
    void append_with_note(const std::string& name, const std::string& value, Instant now) {
        const auto together = log->hold_together();
        append("an event");
        log->notes().keep(together, log->tail(), name, value, now, steady);
    }
    // By the steady clock, too.
    void append_after(std::chrono::hours passed, const std::string& name) {
        steady = passed;
        append_with_note(name, "answer", noon + passed);
        log->flush();
    }
    bool is_found(const std::string& name) const { return log->notes().find(name).has_value(); }
    std::size_t kept() {
        std::size_t count = 0;
        const auto everything = store.open();
        EXPECT_TRUE(
            everything->scan("n", "o", Order::ascending, [&](auto, auto) { return ++count; }));
        return count;
    }
    const Instant noon{date::sys_days{date::year{2026} / 11 / 21} + 12h};
    std::chrono::nanoseconds steady{0};
};

TEST_F(LogNotes, AreDurableWithTheUnitThatTheyBelongTo) {
    append_with_note("key", "answer", noon);
    EXPECT_EQ(log->notes().find("key").error().code, ErrorCode::not_found);
    const std::size_t before = store.commits();
    log->flush();
    EXPECT_EQ(store.commits(), before + 1);
    EXPECT_EQ(*log->notes().find("key"), "answer");
    log = open();
    EXPECT_EQ(*log->notes().find("key"), "answer");
}

TEST_F(LogNotes, AreOfTheUnitThatIsNamedAndNotOfTheLastOne) {
    {
        const auto together = log->hold_together();
        append(std::string(kGroupBytesMax, 'x'));  // a group of its own
        const Position unit = log->tail();
        append("a later unit");
        log->notes().keep(together, unit, "key", "answer", noon, steady);
    }
    log->flush();
    EXPECT_EQ(log->durable(), Position{1});
    EXPECT_EQ(*log->notes().find("key"), "answer");
    log->flush();
    EXPECT_EQ(log->durable(), Position{2});
}

TEST_F(LogNotes, AreNotThereIfTheirUnitIsNot) {
    append_with_note("key", "answer", noon);
    store.fail_next(ErrorCode::indeterminate, false);
    log->flush();
    log = open();
    EXPECT_EQ(log->durable(), Position{0});
    EXPECT_EQ(log->notes().find("key").error().code, ErrorCode::not_found);
}

TEST_F(LogNotes, AreFoundForADayAndRemovedOnceThereAreOthersOfEnoughDays) {
    for (int i = 0; i < 6; ++i) append_with_note("key " + std::to_string(i), "answer", noon);
    for (int day = 1; day < 4; ++day) {
        append_after(24h * day, "later");
        EXPECT_TRUE(is_found("key 0"));
    }
    for (int i = 0; i < 2; ++i) {
        append_after(24h * 4, "last " + std::to_string(i));
        EXPECT_FALSE(is_found("key 0"));
    }
    EXPECT_EQ(kept(), 5U);
    for (const char* const name : {"later", "last 0", "last 1"})
        EXPECT_TRUE(log->notes().find(name));
}

TEST_F(LogNotes, AreTheLatestOfTheirName) {
    append_with_note("key", "an old answer", noon);
    append_with_note("key", "answer", noon + 24h);
    log->flush();
    EXPECT_EQ(*log->notes().find("key"), "answer");
    log = open();
    EXPECT_EQ(*log->notes().find("key"), "answer");
}

// Whatever it showed meanwhile: who asks again soon is not told that there was nothing.
TEST_F(LogNotes, AreFoundHoweverTheClockJumps) {
    std::vector<std::string> names;
    for (const auto jump : {0h, -24h * 20, 0h, 24h * 20, 24h * 30'000, 1h, 13h}) {
        names.push_back("key " + std::to_string(names.size()));
        append_with_note(names.back(), "answer", noon + jump);
        log->flush();
        if (names.size() % 3 == 0) log = open();
        for (const auto& name : names) EXPECT_TRUE(is_found(name)) << name;
    }
    // A day later those go that are of the day that is farthest away, and not the newest.
    steady += 24h;
    append_with_note("last", "answer", noon + 13h);
    log->flush();
    for (const auto& name : names) EXPECT_EQ(is_found(name), name != "key 1") << name;
    append_with_note("before 1970", "answer", Instant{-24h});
    log->flush();
    EXPECT_TRUE(log->notes().find("before 1970"));
}

TEST_F(LogNotes, OfTheNewestDayAreFoundHoweverOftenTheClockIsSetBack) {
    append_with_note("key", "answer", noon);
    for (int times = 1; times < 10; ++times) {
        append_with_note("other", "answer", noon - 24h * 20 * times);
        log->flush();
        EXPECT_TRUE(log->notes().find("key"));
    }
}

TEST_F(LogNotes, AreFoundForADayOntoHoweverManyDaysTheClockIsSet) {
    constexpr int kTimes = 40;
    for (int times = 0; times < kTimes; ++times) {
        steady += 1min;
        append_with_note("key " + std::to_string(times), "answer", noon + 24h * 10 * times);
        log->flush();
        for (int i = 0; i <= times; ++i) EXPECT_TRUE(is_found("key " + std::to_string(i))) << i;
    }
    // A day later few of them are left.
    steady += 24h;
    for (int times = 0; times < kTimes; ++times) append_with_note("last", "answer", noon);
    log->flush();
    EXPECT_LE(kept(), kNoteDaysMax + 1);
    EXPECT_TRUE(is_found("last"));
}

TEST_F(LogNotes, OfMoreDaysThanASearchLooksIntoAreForgottenFromTheLongestUnusedOn) {
    for (std::size_t times = 0; times < 2 * kNoteDaysInUseMax; ++times) {
        steady += 1s;
        const auto days = static_cast<int>(times);
        append_with_note("key " + std::to_string(times), "answer", noon + 24h * 10 * days);
        log->flush();
        EXPECT_TRUE(is_found("key " + std::to_string(times)));
        EXPECT_EQ(is_found("key 0"), times < kNoteDaysInUseMax) << times;
        EXPECT_LE(kept(), kNoteDaysInUseMax);
    }
}

TEST_F(LogNotes, OfOldDaysGoThoughTheServerIsStartedAgainEachNight) {
    for (int day = 0; day < 20; ++day) {
        log = open();
        steady = 0h;  // the machine, too
        append_with_note("key " + std::to_string(day), "answer", noon + 24h * day);
        log->flush();
        EXPECT_LE(kept(), kNoteDaysMax + 1);
        EXPECT_TRUE(is_found("key " + std::to_string(std::max(day - 1, 0))));
    }
}

TEST_F(LogNotes, LeaveNoTraceInTheChain) {
    append_with_note("key", "answer", noon);
    log->flush();
    const Digest with = *log->digest_at(Position{1});
    BreakableStore without;
    const auto other = std::move(*EventLog::over(without.open(), kLogId));
    ASSERT_TRUE(other->append({record("an event")}));
    other->flush();
    EXPECT_EQ(*other->digest_at(Position{1}), with);
}

TEST_F(EventLogTest, NamesTheRecordWhoseBytesChanged) {
    for (const char* const payload : {"a", "b", "c"}) append(payload);
    log->flush();
    const std::string key = event_key(Position{2});
    const std::string good = store.get(key);
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x10);
        store.put(key, bad);
        const Error error = damage();
        EXPECT_EQ(error.code, ErrorCode::corruption) << "byte " << at;
        EXPECT_THAT(error.message, HasSubstr("position 2")) << "byte " << at;
    }
}

TEST_F(EventLogTest, NamesTheRecordThatIsMissing) {
    for (const char* const payload : {"a", "b", "c"}) append(payload);
    log->flush();
    const std::string third = store.get(event_key(Position{3}));
    store.remove(event_key(Position{2}));
    EXPECT_THAT(damage().message, HasSubstr("position 2 is missing"));
    // Another in its place does not help.
    store.put(event_key(Position{2}), third);
    EXPECT_THAT(damage().message, HasSubstr("position 2: says that it is at 3"));
}

TEST_F(EventLogTest, NoticesARecordThatWasMadeAnewWithAGoodChecksum) {
    for (const char* const payload : {"a", "b", "c"}) append(payload);
    log->flush();
    Digest digest{};
    store.put(event_key(Position{2}),
              record_bytes(Position{2}, "B", *log->digest_at(Position{1}), digest));
    EXPECT_THAT(damage().message, HasSubstr("position 3: its digest does not follow"));
}

TEST_F(EventLogTest, NoticesARecordOfAnotherLog) {
    append("a");
    log->flush();
    Digest digest{};
    store.put(event_key(Position{1}),
              record_bytes(Position{1}, "a", genesis_digest(Uuid{8, 8}), digest));
    EXPECT_THAT(damage().message, HasSubstr("position 1: its digest does not follow"));
}

TEST_F(EventLogTest, IsReadWhileItIsAppendedTo) {
    std::atomic<bool> writing{true};
    std::thread flushing{[&] {
        while (writing) {
            log->wait(1ms);
            log->flush();
        }
    }};
    std::uint64_t seen = 0;
    for (std::uint32_t i = 1; i <= 2'000; ++i) {
        ASSERT_TRUE(log->append({record(std::to_string(i), kAppStream, i)}));
        log->wake();
        const Position durable = log->durable();
        if (durable.value > seen) {
            EXPECT_EQ(log->read(durable)->payload, std::to_string(durable.value));
            seen = durable.value;
        }
    }
    writing = false;
    log->wake();
    flushing.join();
    ASSERT_TRUE(log->close());
    EXPECT_EQ(log->durable(), Position{2'000});
}

}  // namespace
}  // namespace slipway
