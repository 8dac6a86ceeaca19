// The texts of old attempts leave the memory, and are shown all the same.

#include "projections/attempt_details.h"

#include "eventlog/events/codec.h"
#include "projections/render.h"
#include "tests/support/fixtures.h"
#include "tests/support/invariants.h"
#include "tests/support/memory_store.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

class Details : public testing::Test {
  protected:
    Details() {
        for (const auto& recorded : world()) record(recorded);
        add(scheduled(kRoot, kApi, kNoon));
        add(due(kRoot, kNoon, kNoon));
    }

    void add(const Event& event) {
        Envelope envelope;
        envelope.recorded_at = kNoon;
        envelope.stream = stream_of(event);
        envelope.stream_version = state.next_version(event);
        envelope.team = kOps;
        record({Position{state.position().value + 1}, envelope, event});
        EXPECT_EQ(broken_invariant(state, history), "");
    }

    void record(const RecordedEvent& recorded) {
        history.push_back(recorded);
        state.apply(recorded);
        const Envelope& envelope = recorded.envelope;
        ASSERT_TRUE(log->append({{envelope.stream, envelope.stream_version, envelope.team.uuid,
                                  encode(envelope, recorded.event)}}));
        log->flush();
    }

    // The attempt fails for a reason of its own.
    static std::string reason(std::uint32_t number) {
        return "reason " + std::to_string(number) + ": " + std::string(500, 'x');
    }
    void attempt(std::uint32_t number, const std::string& detail) {
        add(AttemptStarted{kId, number, "https://deploy.example.com/api", kNoon});
        add(AttemptFailed{kId, number, AttemptCause::answered, 503, detail, kNoon});
    }

    const std::vector<Attempt>& attempts() const { return state.deployments().find(kId)->attempts; }

    std::string shown(const ScheduleView& view) const {
        std::string text;
        JsonWriter json{text};
        write_deployment(json, view, state.schedules().find(kRoot));
        return text;
    }

    static constexpr DeploymentId kId{kRoot.uuid};
    const std::unique_ptr<EventLog> log =
        std::move(*EventLog::over(std::make_unique<MemoryStore>(), {7, 7}));
    State state;
    std::vector<RecordedEvent> history;
};

TEST_F(Details, OfTheNewestAttemptsAreInMemory) {
    for (std::uint32_t number = 1; number <= 6; ++number) attempt(number, reason(number));
    for (const Attempt& attempt : attempts()) {
        EXPECT_EQ(attempt.detail, attempt.number <= 3 ? "" : reason(attempt.number));
    }
}

TEST_F(Details, TakeNoMoreMemoryHoweverManyAttemptsThereAre) {
    attempt(1, reason(1));
    const std::size_t one = state.schedules().use_of(kOps).run_bytes;
    EXPECT_GT(one, 500U);
    for (std::uint32_t number = 2; number <= 100; ++number) attempt(number, reason(number));
    const std::size_t hundred = state.schedules().use_of(kOps).run_bytes;
    EXPECT_LT(hundred, one + 2 * 600 + 99 * 150);
    EXPECT_GT(hundred, 99 * sizeof(Attempt));
    add(DeploymentAborted{kId, {}});
    EXPECT_EQ(state.schedules().use(), ScheduleUse{});
}

TEST_F(Details, ThatLeftTheMemoryAreShownFromTheLog) {
    for (std::uint32_t number = 1; number <= 6; ++number) {
        attempt(number, number == 2 ? "" : reason(number));
    }
    AttemptDetails details{*log};
    for (const Attempt& attempt : attempts()) {
        EXPECT_EQ(details.of(attempt), attempt.number == 2 ? "" : reason(attempt.number));
    }
    EXPECT_EQ(shown(view_of(state)).find("reason 1"), std::string::npos);
    ScheduleView view = view_of(state);
    view.details = &details;
    EXPECT_NE(shown(view).find(reason(1)), std::string::npos);
    EXPECT_NE(shown(view).find(reason(6)), std::string::npos);
    EXPECT_FALSE(details.error());
}

TEST_F(Details, ThatTheLogCannotGiveAreAnError) {
    for (std::uint32_t number = 1; number <= 4; ++number) attempt(number, reason(number));
    const auto empty = std::move(*EventLog::over(std::make_unique<MemoryStore>(), {7, 7}));
    AttemptDetails details{*empty};
    EXPECT_EQ(details.of(attempts().front()), "");
    ASSERT_TRUE(details.error());
    EXPECT_EQ(details.error()->code, ErrorCode::not_found);
}

}  // namespace
}  // namespace slipway
