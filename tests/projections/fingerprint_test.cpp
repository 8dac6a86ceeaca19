#include "projections/fingerprint.h"

#include "projections/state.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace slipway {
namespace {

std::string fingerprint_of(const Apps& apps) {
    Fingerprint fingerprint;
    apps.add_to(fingerprint);
    return fingerprint.text();
}

// Two states that differ in it show people other things.
TEST(Fingerprint, TellsWhichVersionOfAnAppSucceededLast) {
    State state;
    for (const auto& recorded : world()) state.apply(recorded);
    Apps apps = state.apps();
    ASSERT_EQ(fingerprint_of(apps), fingerprint_of(state.apps()));
    apps.deployed({apps.index_of(kApi), Version{1}});
    EXPECT_NE(fingerprint_of(apps), fingerprint_of(state.apps()));
}

// Rows have numbers in the place of zones, users, policies and each other. Which numbers these are
// depends on the order of the events.
TEST(Fingerprint, IsTheSameHoweverTheRowsAndValuesAreNumbered) {
    State state;
    for (const auto& recorded : world()) state.apply(recorded);
    std::vector<Event> events;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        Policies policies;
        policies.misfire_grace_seconds = static_cast<std::uint32_t>(i);
        events.push_back(scheduled(ScheduleId{{8, i}}, kApi, kNoon, {.policies = policies}));
    }
    const auto fingerprint_after = [&](const std::vector<Event>& order) {
        const Deployments deployments;
        Schedules schedules{state.teams(), state.apps(), deployments};
        for (const Event& event : order) {
            Envelope envelope;
            envelope.stream_version = Version{1};
            envelope.team = kOps;
            schedules.apply(envelope, std::get<DeploymentScheduled>(event));
        }
        Fingerprint fingerprint;
        schedules.add_to(fingerprint);
        return fingerprint.text();
    };
    const std::string before = fingerprint_after(events);
    std::reverse(events.begin(), events.end());
    EXPECT_EQ(before, fingerprint_after(events));
    std::get<DeploymentScheduled>(events.back()).policies.misfire_grace_seconds = 4;
    EXPECT_NE(before, fingerprint_after(events));
}

}  // namespace
}  // namespace slipway
