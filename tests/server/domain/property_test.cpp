// Stories made by chance: whatever people, the timer and the targets do, in whatever order, the
// state stays consistent, the history stays possible, and a replay gives the same state. The same
// seed makes the same story.

#include "tests/support/event_text.h"
#include "tests/support/invariants.h"
#include "tests/support/scenario.h"

#include <gtest/gtest.h>

#include <random>

namespace slipway {
namespace {

constexpr int kStories = 400;
constexpr int kStepsPerStory = 60;

class RandomStory {
  public:
    explicit RandomStory(unsigned seed) : random_{seed}, story_{kNoon} {}

    void go_on() {
        if (below(3) == 0) story_.after(Millis{below(20 * 60'000)});
        if (below(12) == 0) change_zone_rules();
        switch (below(8)) {
            case 0:
                story_.when(schedule());
                break;
            case 1:
            case 2:
                story_.when_timer_ticks();
                break;
            case 3:
                story_.when(below(2) == 0 ? Command{HoldDispatch{}} : Command{ArmDispatch{}});
                break;
            case 4:
            case 5:
                run();
                break;
            default:
                if (known()) story_.when(change());
        }
        story_.accept_rejection();
        remember();
    }

    std::string broken() const { return broken_history(story_.history()); }

  private:
    int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
    bool known() const { return !ids_.empty(); }
    ScheduleId any() {
        return ids_[static_cast<std::size_t>(below(static_cast<int>(ids_.size())))];
    }

    Policies policies() {
        Policies made;
        made.on_dependency_failure = static_cast<DependencyFailurePolicy>(below(3));
        made.misfire_then = static_cast<MisfireAction>(below(3));
        made.misfire_grace_seconds = static_cast<std::uint32_t>(below(2) * 900);
        made.dependency_timeout_seconds = static_cast<std::uint32_t>(1 + below(1800));
        made.retry_max_attempts = static_cast<std::uint32_t>(1 + below(3));
        return made;
    }

    std::vector<Dependency> dependencies(int depth) {
        std::vector<Dependency> made;
        const std::array<AppId, 3> apps = {kDb, kUi, kApi};
        for (int i = below(3); i > 0 && depth < 3; --i) {
            const AppId app = apps[static_cast<std::size_t>(depth)];
            made.push_back({app, static_cast<std::uint32_t>(below(1800)), {}, "/dependency"});
            if (depth < 1) made.back().dependencies = dependencies(depth + 1);
        }
        return made;
    }

    ScheduleDeployment schedule() {
        ScheduleDeployment made;
        made.app = kApi;
        made.at = utc_clock(story_.now() + Seconds{1 + below(3600)});
        if (below(2) == 0) {
            made.at.local -= std::chrono::hours{5};
            made.at.timezone = "America/New_York";
        }
        made.dependencies = dependencies(0);
        made.latest_version = below(2) == 0;
        made.policies = policies();
        return made;
    }

    // Not all of what they move, as if others had their turn in between.
    void change_zone_rules() {
        const std::string version = "2028." + std::to_string(story_.history().size());
        story_.zone_rules(version, Seconds{(below(5) - 2) * 1200});
        story_.when(ChangeZoneRules{version});
        for (int i = below(4); known() && i > 0; --i) story_.when(ReresolveDueTime{any()});
    }

    Command change() {
        const ScheduleId id = any();
        switch (below(9)) {
            case 0:
                return CancelDeployment{id, {}};
            case 1:
                return HoldDeployment{id, {}};
            case 2:
                return ReleaseDeployment{id, {}};
            case 3:
                return RunNow{id};
            case 4:
                return RescheduleDeployment{
                    id, utc_clock(story_.now() + Seconds{1 + below(3600)}), policies(), {}, {}};
            case 5:
                return CompleteDeployment{deployment_of(id), below(2) == 0, {}};
            case 6:
                return AbortDeployment{deployment_of(id), {}};
            case 7:
                return ReconcileInterrupted{deployment_of(id)};
            default:
                return Wake{id};
        }
    }

    // The executor's part: starts what may start, or ends what was started.
    void run() {
        if (!known()) return;
        const ScheduleId id = any();
        const Run* const found = story_.state().deployments().find(deployment_of(id));
        if (found == nullptr) return;
        if (found->ready_at) {
            story_.when_started(id);
        } else if (!found->attempts.empty()) {
            RecordOutcome outcome = answer(static_cast<AttemptOutcome>(below(4)), 0);
            outcome.cause = static_cast<AttemptCause>(below(4));
            story_.when_answered(id, outcome);
        }
    }

    void remember() {
        for (; seen_ < story_.history().size(); ++seen_) {
            const auto* const made =
                std::get_if<DeploymentScheduled>(&story_.history()[seen_].event);
            if (made != nullptr) ids_.push_back(made->schedule);
        }
    }

    std::mt19937 random_;
    Scenario story_;
    std::vector<ScheduleId> ids_;
    std::size_t seen_ = 0;
};

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
