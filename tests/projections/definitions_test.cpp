// Which definitions of an app are in memory, and where the others are.

#include "eventlog/events/codec.h"
#include "projections/definition_log.h"
#include "projections/state.h"
#include "tests/support/fixtures.h"
#include "tests/support/invariants.h"
#include "tests/support/memory_store.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

class Definitions : public testing::Test {
  protected:
    Definitions() {
        for (const auto& recorded : world()) record(recorded);
    }

    void add(const std::vector<Event>& events) {
        for (const Event& event : events) {
            Envelope envelope;
            envelope.recorded_at = kNoon;
            envelope.stream = stream_of(event);
            envelope.stream_version = state.next_version(event);
            envelope.team = kOps;
            record({Position{state.position().value + 1}, envelope, event});
        }
        EXPECT_EQ(broken_invariant(state, history), "");
        State replayed;
        for (const auto& recorded : history) replayed.apply(recorded);
        EXPECT_EQ(replayed.fingerprint(), state.fingerprint());
    }

    void record(const RecordedEvent& recorded) {
        history.push_back(recorded);
        state.apply(recorded);
    }

    std::vector<std::uint32_t> kept() const {
        std::vector<std::uint32_t> versions;
        for (const auto& [version, definition] : state.apps().find(kApi)->definitions) {
            versions.push_back(version.value);
        }
        return versions;
    }
    static ScheduleId schedule(std::uint64_t number) { return {{8, number}}; }
    static Event planned(std::uint64_t number, std::uint32_t version) {
        return scheduled(schedule(number), kApi, kNoon, {.app_version = Version{version}});
    }
    static Event cancelled(std::uint64_t number) {
        return DeploymentCancelled{schedule(number), CancelReason::by_user, {}, schedule(number)};
    }

    State state;
    std::vector<RecordedEvent> history;
};

using Versions = std::vector<std::uint32_t>;

TEST_F(Definitions, ThatAreSupersededLeaveTheMemory) {
    for (int i = 2; i <= 100; ++i) add({AppRevised{kApi, definition("api " + std::to_string(i))}});
    EXPECT_EQ(kept(), Versions{100});
    EXPECT_EQ(state.apps().use_of(kOps).definitions, 3U);
}

TEST_F(Definitions, StayWhileAnythingOpenIsPinnedToThem) {
    add({planned(1, 1), planned(2, 1), AppRevised{kApi, definition("two")}, planned(3, 2),
         AppRevised{kApi, definition("three")}});
    EXPECT_EQ(kept(), (Versions{1, 2, 3}));
    add({cancelled(3)});
    EXPECT_EQ(kept(), (Versions{1, 3}));
    add({cancelled(1)});
    EXPECT_EQ(kept(), (Versions{1, 3}));
    add({due(schedule(2), kNoon, kNoon)});
    EXPECT_EQ(kept(), (Versions{1, 3}));
    add({DeploymentAborted{deployment_of(schedule(2)), {}}});
    EXPECT_EQ(kept(), Versions{3});
}

TEST_F(Definitions, StayForARunThatTookTheLatestWhenItWasDue) {
    add({planned(1, 0), AppRevised{kApi, definition("two")}});
    EXPECT_EQ(kept(), Versions{2});
    auto now_due = due(schedule(1), kNoon, kNoon);
    now_due.app_version = Version{2};
    add({now_due, AppRevised{kApi, definition("three")}});
    EXPECT_EQ(kept(), (Versions{2, 3}));
    add({DeploymentAborted{deployment_of(schedule(1)), {}}});
    EXPECT_EQ(kept(), Versions{3});
}

TEST_F(Definitions, OfAnArchivedAppShrinkToWhatListsAskFor) {
    const App& app = *state.apps().find(kApi);
    const std::size_t before = state.apps().use_of(kOps).bytes;
    add({AppArchived{kApi}});
    EXPECT_TRUE(app.is_outline);
    EXPECT_EQ(app.definition().name, "api");
    EXPECT_EQ(app.definition().target.url, "");
    EXPECT_LT(state.apps().use_of(kOps).bytes, before);
    EXPECT_EQ(state.apps().use_of(kOps).live, 2U);
}

TEST_F(Definitions, OfAnArchivedAppStayWholeWhileARunNeedsThem) {
    add({planned(1, 1), due(schedule(1), kNoon, kNoon), AppArchived{kApi}});
    EXPECT_FALSE(state.apps().find(kApi)->is_outline);
    add({DeploymentAborted{deployment_of(schedule(1)), {}}});
    EXPECT_TRUE(state.apps().find(kApi)->is_outline);
}

TEST_F(Definitions, ThatLeftTheMemoryAreReadFromTheLog) {
    add({AppRevised{kApi, definition("two")}, SigningSecretRotated{kApi, 2},
         AppRevised{kApi, definition("four")}, AppArchived{kApi}});
    const auto log = *EventLog::over(std::make_unique<MemoryStore>(), {7, 7});
    for (const auto& recorded : history) {
        const Envelope& envelope = recorded.envelope;
        ASSERT_TRUE(log->append({{envelope.stream, envelope.stream_version, envelope.team.uuid,
                                  encode(envelope, recorded.event)}}));
    }
    const auto undurable = definition_in(*log, kApi, Version{2});
    ASSERT_FALSE(undurable);
    EXPECT_EQ(undurable.error().code, ErrorCode::unavailable);
    log->flush();
    EXPECT_EQ(*definition_in(*log, kApi, Version{1}), definition("api"));
    EXPECT_EQ(*definition_in(*log, kApi, Version{2}), definition("two"));
    EXPECT_EQ(*newest_definition(*log, *state.apps().find(kApi)), definition("four"));
    EXPECT_EQ(*newest_definition(*log, *state.apps().find(kDb)), definition("db"));
    for (const std::uint32_t version : {3U, 5U}) {
        const auto none = definition_in(*log, kApi, Version{version});
        ASSERT_FALSE(none);
        EXPECT_EQ(none.error().code, ErrorCode::not_found);
    }
}

// A value that nothing uses any more takes no room: hostile policies and spellings of zones would
// fill the memory.
TEST_F(Definitions, AndInternedValuesOfWhatWasForgottenLeaveTheMemory) {
    State few{2};
    for (const auto& recorded : world()) few.apply(recorded);
    std::size_t longest = 0;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        Policies policies;
        policies.misfire_grace_seconds = static_cast<std::uint32_t>(i);
        const std::vector<Event> events{scheduled(schedule(i), kApi, kNoon, {.policies = policies}),
                                        cancelled(i)};
        for (const Event& event : events) {
            Envelope envelope;
            envelope.stream = stream_of(event);
            envelope.stream_version = few.next_version(event);
            envelope.team = kOps;
            few.apply({Position{few.position().value + 1}, envelope, event});
        }
        longest = std::max(longest, few.schedules().interned_values());
    }
    EXPECT_LE(longest, 8U);
}

}  // namespace
}  // namespace slipway
