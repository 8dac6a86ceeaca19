// How long the largest decisions keep the io thread: decided, applied, encoded and handed to the
// log; the disk is another thread's. And the longest step in which the largest tree is written.
//
//     slipway-bench-decisions [TIMES]

#include "projections/render.h"
#include "server/domain/text_rules.h"
#include "tests/server/engine/engine_world.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace slipway {
namespace {

using Steady = std::chrono::steady_clock;

double milliseconds_of(const std::function<void()>& work) {
    const auto began = Steady::now();
    work();
    return std::chrono::duration<double, std::milli>(Steady::now() - began).count();
}

// Prints the median and the longest of several times.
void print(const char* what, std::vector<double> times, std::size_t events) {
    std::sort(times.begin(), times.end());
    std::printf("%-46s %6zu events  median %6.2f ms  longest %6.2f ms\n", what, events,
                times[times.size() / 2], times.back());
}

Labels large_labels() {
    Labels labels;
    for (std::size_t i = 0; i < kLabelsMax; ++i) {
        labels.emplace(std::to_string(i) + std::string(190, 'n'), std::string(200, 'v'));
    }
    return labels;
}

class LargestWorld : public EngineWorld {
  public:
    // Registers apps to depend on.
    LargestWorld() {
        for (std::size_t i = 0; i < kDependenciesMax; ++i) {
            const Receipt made = done(CreateApp{definition("app-" + std::to_string(i))});
            apps_.push_back(std::get<AppCreated>(made.events.front()).app);
        }
    }

    Receipt done(const Command& command) {
        auto submitted = submit(command);
        CHECK(std::holds_alternative<Receipt>(submitted));
        return std::get<Receipt>(std::move(submitted));
    }

    // The largest tree: all dependencies of one root.
    ScheduleDeployment tree(const Labels& labels = {}) const {
        ScheduleDeployment command;
        command.app = kApi;
        command.at = utc_clock(kNoon + std::chrono::hours{24});
        command.labels = labels;
        for (const AppId app : apps_) {
            Dependency dependency;
            dependency.app = app;
            command.dependencies.push_back(std::move(dependency));
        }
        return command;
    }
    ScheduleId planted(const ScheduleDeployment& command) {
        return std::get<DeploymentScheduled>(done(command).events.front()).schedule;
    }

  private:
    std::vector<AppId> apps_;
};

// `work` on a new tree each time.
void bench_tree(const char* what, int times,
                const std::function<Command(ScheduleId root)>& command_of) {
    LargestWorld world;
    std::vector<double> taken;
    std::size_t events = 0;
    for (int i = 0; i < times; ++i) {
        const Command command = command_of(world.planted(world.tree()));
        world.log().flush();
        taken.push_back(milliseconds_of([&] { events = world.done(command).events.size(); }));
        world.log().flush();
    }
    print(what, std::move(taken), events);
}

void bench_create(int times) {
    LargestWorld world;
    std::vector<double> taken;
    std::size_t events = 0;
    for (int i = 0; i < times; ++i) {
        const Command command = world.tree();
        taken.push_back(milliseconds_of([&] { events = world.done(command).events.size(); }));
        world.log().flush();
    }
    print("schedule a tree", std::move(taken), events);
}

// An app with as many schedules as one decision may cancel.
void bench_archive(int times) {
    std::vector<double> taken;
    std::size_t events = 0;
    for (int i = 0; i < times; ++i) {
        EngineWorld world;
        for (std::size_t n = 0; n + 1 < kEventsPerDecisionMax; ++n) {
            world.schedule(kNoon + std::chrono::hours{24});
        }
        while (world.log().waiting().units > 0) world.log().flush();
        taken.push_back(milliseconds_of([&] {
            const auto submitted = world.submit(ArchiveApp{kApi, true});
            CHECK(std::holds_alternative<Receipt>(submitted));
            events = std::get<Receipt>(submitted).events.size();
        }));
    }
    print("archive an app, and cancel its schedules", std::move(taken), events);
}

// The largest tree with texts of the largest size, each of it tried a hundred times.
void bench_writing() {
    LargestWorld world;
    const ScheduleId root = world.planted(world.tree(large_labels()));
    State& state = world.state_to_spoil();
    std::vector<ScheduleId> tree{root};
    const Schedules& schedules = state.schedules();
    for (RowIndex at = schedules.at(schedules.find(root)).first_dependency; at != kNoRow;
         at = schedules.at(at).next_dependency) {
        tree.push_back(schedules.at(at).id);
    }
    const auto add = [&](const Event& event) {
        Envelope envelope;
        envelope.recorded_at = kNoon;
        envelope.stream = stream_of(event);
        envelope.stream_version = state.next_version(event);
        envelope.team = kOps;
        state.apply({Position{state.position().value + 1}, envelope, event});
    };
    for (const ScheduleId id : tree) {
        const Policies policies = schedules.policies(schedules.at(schedules.find(id)));
        add(DeploymentTermsRevised{id, policies, std::string(2'000, 't'), large_labels()});
        add(due(id, kNoon, kNoon));
        for (std::uint32_t number = 1; number <= 100; ++number) {
            add(AttemptStarted{deployment_of(id), number, "https://example.com", kNoon});
            add(AttemptFailed{deployment_of(id), number, AttemptCause::answered, 500,
                              std::string(500, 'd'), kNoon});
        }
    }
    std::string text;
    JsonWriter json{text};
    const SameTime same_time{schedules};
    ScheduleWriter writer{json, view_of(state, &same_time), schedules.find(root)};
    std::vector<double> taken;
    double all = 0;
    for (bool has_more = true; has_more;) {
        taken.push_back(milliseconds_of([&] { has_more = writer.step(); }));
        all += taken.back();
    }
    std::sort(taken.begin(), taken.end());
    std::printf("%-46s %6zu steps   median %6.2f ms  longest %6.2f ms  all %6.1f ms, %.1f MB\n",
                "write a tree of 201 with 100 attempts each", taken.size(), taken[taken.size() / 2],
                taken.back(), all, static_cast<double>(text.size()) / 1e6);
}

int run(int times) {
    bench_create(times);
    bench_tree("cancel a tree", times, [](ScheduleId root) { return CancelDeployment{root, {}}; });
    bench_tree("hold a tree", times, [](ScheduleId root) { return HoldDeployment{root, {}}; });
    bench_archive(times);
    bench_writing();
    return 0;
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) {
    return slipway::run(std::max(argc > 1 ? std::atoi(argv[1]) : 20, 1));
}
