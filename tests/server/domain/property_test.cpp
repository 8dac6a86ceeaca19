// Stories made by chance: whatever people, the timer and the targets do, in whatever order, the
// state stays consistent, the history stays possible, and a replay gives the same state.

#include "tests/support/random_story.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr int kStories = 400;
constexpr int kStepsPerStory = 60;

TEST(AnyStory, IsConsistentAfterEveryStep) {
    for (unsigned seed = 1; seed <= kStories; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStory story{seed};
        for (int step = 0; step < kStepsPerStory; ++step) story.go_on();
        ASSERT_EQ(story.broken(), "");
        ASSERT_FALSE(HasFailure());
    }
}

}  // namespace
}  // namespace slipway
