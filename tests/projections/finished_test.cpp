// What left the memory is read back from the log, step by step.

#include "projections/finished.h"

#include "eventlog/events/codec.h"
#include "tests/support/fixtures.h"
#include "tests/support/memory_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace slipway {

using namespace std::chrono_literals;
namespace {

// A log, and a state that remembers every tree.
class FinishedTrees : public testing::Test {
  protected:
    FinishedTrees() {
        auto made = EventLog::over(std::make_unique<MemoryStore>(), Uuid{7, 7});
        log = std::move(*made);
        for (const auto& recorded : world()) record(recorded);
    }

    void record(const RecordedEvent& recorded) {
        const Envelope& envelope = recorded.envelope;
        ASSERT_TRUE(log->append({{envelope.stream, envelope.stream_version, envelope.team.uuid,
                                  encode(envelope, recorded.event)}}));
        log->flush();
        state.apply(recorded);
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
    }
    // A tree of three; the first was tried a thousand times, so that its stream is long.
    void add_tree() {
        add(chain(kNoon));
        add({due(kFirst, kNoon, kNoon)});
        for (std::uint32_t number = 1; number <= 1'000; ++number) {
            add({AttemptStarted{deployment_of(kFirst), number, "a", kNoon + 1h},
                 AttemptFailed{deployment_of(kFirst), number, AttemptCause::timed_out, 0, "late",
                               kNoon}});
        }
        add({DeploymentAborted{deployment_of(kFirst), {}},
             DeploymentCancelled{kSecond, CancelReason::by_user, {}, kSecond},
             DeploymentCancelled{kRoot, CancelReason::by_user, "not today", kRoot}});
    }
    void read(Finished& finished) {
        for (;;) {
            const auto has_more = finished.step();
            ASSERT_TRUE(has_more) << has_more.error().message;
            if (!*has_more) return;
        }
    }
    static std::string text_of(const ScheduleView& view, RowIndex row) {
        std::string text;
        JsonWriter json{text};
        write_schedule(json, view, row);
        return text;
    }

    std::unique_ptr<EventLog> log;
    State state;
};

TEST_F(FinishedTrees, AreReadAsTheyWere) {
    add_tree();
    add({scheduled(ScheduleId{{8, 1}}, kApi, kNoon + 1h)});
    for (const ScheduleId id : {kRoot, kFirst, kSecond}) {
        Finished finished{*log, state, id};
        read(finished);
        ASSERT_NE(finished.row(), kNoRow);
        EXPECT_EQ(text_of(finished.view(), finished.row()),
                  text_of(view_of(state), state.schedules().find(id)));
    }
}

TEST_F(FinishedTrees, AreReadIfTheyWereDeployedAtOnce) {
    const DeploymentId id{{8, 2}};
    add({DeploymentRequested{id, kApi, {}, {}, {}}, due(schedule_of(id), kNoon, kNoon),
         DeploymentAborted{id, "enough"}});
    Finished finished{*log, state, schedule_of(id)};
    read(finished);
    ASSERT_NE(finished.row(), kNoRow);
    EXPECT_EQ(text_of(finished.view(), finished.row()),
              text_of(view_of(state), state.schedules().find(schedule_of(id))));
}

TEST_F(FinishedTrees, AreNoneOfWhatTheLogDoesNotHaveOrIsNoSchedule) {
    for (const ScheduleId id : {ScheduleId{{9, 9}}, ScheduleId{kApi.uuid}}) {
        Finished finished{*log, state, id};
        read(finished);
        EXPECT_EQ(finished.row(), kNoRow);
    }
}

}  // namespace
}  // namespace slipway
