#include "projections/render.h"

#include "tests/support/fixtures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace slipway
