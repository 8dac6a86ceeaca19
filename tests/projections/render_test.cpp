#include "projections/render.h"

#include "tests/support/fixtures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace slipway {

using namespace std::chrono_literals;
namespace {

TEST(Render, OfADeploymentHasNoNegativeLagIfTheClockWasSetBackBeforeItWasDecided) {
    State state;
    for (const auto& recorded : world()) state.apply(recorded);
    const std::vector<Event> events{scheduled(kRoot, kApi, kNoon + 1h),
                                    due(kRoot, kNoon + 1h, kNoon)};
    for (const Event& event : events) {
        Envelope envelope;
        envelope.recorded_at = kNoon;
        envelope.stream = stream_of(event);
        envelope.stream_version = state.next_version(event);
        envelope.team = kOps;
        state.apply({Position{state.position().value + 1}, envelope, event});
    }
    std::string text;
    JsonWriter json{text};
    write_deployment(json, view_of(state), state.schedules().find(kRoot));
    EXPECT_THAT(text, testing::HasSubstr(R"("decision_lag_ms":0,)"));
}

// A tree of a root and two dependencies; the first was tried some hundreds of times.
class OfATree : public testing::Test {
  protected:
    static constexpr std::uint32_t kAttempts = 250;

    OfATree() {
        for (const auto& recorded : world()) state.apply(recorded);
        for (const Event& event : fan(kNoon + 1h)) add(event);
        add(due(kFirst, kNoon, kNoon));
        for (std::uint32_t number = 1; number < kAttempts; ++number) {
            add(AttemptStarted{deployment_of(kFirst), number, "a", kNoon + 1h});
            add(AttemptFailed{deployment_of(kFirst), number, AttemptCause::timed_out, 0,
                              "attempt " + std::to_string(number), kNoon});
        }
        add(AttemptStarted{deployment_of(kFirst), kAttempts, "a", kNoon + 1h});
    }

    void add(const Event& event) {
        Envelope envelope;
        envelope.recorded_at = kNoon;
        envelope.stream = stream_of(event);
        envelope.stream_version = state.next_version(event);
        envelope.team = kOps;
        state.apply({Position{state.position().value + 1}, envelope, event});
    }

    RowIndex root() const { return state.schedules().find(kRoot); }

    std::string at_once() const {
        std::string text;
        JsonWriter json{text};
        write_schedule(json, view_of(state), root());
        return text;
    }

    State state;
};

TEST_F(OfATree, IsWrittenInStepsAsItIsAtOnce) {
    std::string text;
    JsonWriter json{text};
    ScheduleWriter writer{json, view_of(state), root()};
    std::size_t longest = 0;
    std::size_t before = 0;
    for (bool has_more = true; has_more; before = text.size()) {
        has_more = writer.step();
        longest = std::max(longest, text.size() - before);
    }
    EXPECT_EQ(text, at_once());
    EXPECT_LT(longest, text.size() / 2) << "a step writes a part";
    EXPECT_THAT(text, testing::HasSubstr(R"("detail":"attempt 249"},{"number":250,)"));
}

TEST_F(OfATree, ShowsEachScheduleAsItWasAtItsOwnFirstStep) {
    const std::string before = at_once();
    std::string text;
    JsonWriter json{text};
    ScheduleWriter writer{json, view_of(state), root()};
    ASSERT_TRUE(writer.step());  // the root
    ASSERT_TRUE(writer.step());  // its first dependency
    add(DeploymentSucceeded{deployment_of(kFirst), kAttempts, 200, {}});
    add(DeploymentHeld{kSecond, HoldReason::by_user, {}, {}});
    while (writer.step()) {
    }
    EXPECT_THAT(text, testing::HasSubstr(R"("held")")) << "it was not begun";
    EXPECT_THAT(text, testing::Not(testing::HasSubstr(R"("succeeded")")));
    EXPECT_EQ(text.substr(0, text.find(kSecond.text())),
              before.substr(0, before.find(kSecond.text())));
}

}  // namespace
}  // namespace slipway
