// A Plan is a decision in the making: the events decided so far, and what they already change.
// Scheduled deployments form trees (what must be deployed first hangs below), and one event often
// entails another: a dependency that ends lets its parent go, or holds it. The rules of that are
// here, once.
//
//            parent      due at T, waits for all below
//           ╱      ╲
//     dependency  dependency    due at T - lead

#pragma once

#include "projections/state.h"
#include "server/domain/decide.h"

#include <absl/container/flat_hash_map.h>

#include <optional>
#include <string>
#include <vector>

namespace slipway {

class Plan {
  public:
    Plan(const State& state, const Context& context)
        : state_(state), schedules_(state.schedules()), context_(context) {}

    // What it is once the events so far are applied.
    ScheduleStatus status(RowIndex row) const;
    Instant due_at(RowIndex row) const { return current(row).due_at; }

    // Its instant has come, or somebody let it go: hold it, miss it, skip it, let it wait for its
    // dependencies, or make it due. With `judge_lateness`, the misfire policy has a say.
    void come_due(RowIndex row, bool judge_lateness);

    // It waited for its dependencies as long as it may: they count as failed.
    void give_up_waiting(RowIndex row);

    // Dispatch was armed again, and this one was held only because it was not.
    void resume_after_arming(RowIndex row);

    void release(RowIndex row, ReleaseReason reason, const std::string& note);
    void hold(RowIndex row, HoldReason reason, std::string note,
              std::optional<ScheduleId> dependency);
    // Holds what is only there for `row`, unless it is held for longer than dispatch is.
    void hold_dependencies(RowIndex row);
    // Lets go what hold_dependencies() held along with `row`. Returns it, the deepest first.
    std::vector<RowIndex> release_dependencies(RowIndex row);
    void expedite(RowIndex row, ScheduleId root);

    // Its instant is that of `event` from now on.
    void move(RowIndex row, DueTimeReresolved event);
    // Its instant was moved into the past: nobody was late, so no grace lets it run.
    void miss_moved(RowIndex row);

    void cancel(RowIndex row, CancelReason reason, const std::string& note, ScheduleId root);

    // Adds `event`, by which the run of `row` ends as `status`, and what that means for its parent.
    void end_run(RowIndex row, Event event, ScheduleStatus status);
    void add(Event event) { events_.push_back(std::move(event)); }

    // The dependencies of `row`, in the order they were named.
    std::vector<RowIndex> dependencies(RowIndex row) const;

    Decision decision(TeamId team) && { return Decided{team, std::move(events_)}; }
    std::size_t size() const { return events_.size(); }

  private:
    enum class Gate { open, pending, failed };
    struct GateView {
        Gate gate = Gate::open;
        RowIndex by = kNoRow;  // the dependency that keeps it from being open
    };
    struct Changed {
        ScheduleStatus status;
        Instant due_at;
        bool waived;
    };

    GateView gate(RowIndex row) const;
    Changed current(RowIndex row) const;
    bool misfired(RowIndex row, Instant planned);
    void misfire(RowIndex row, Millis late, std::string note);
    void make_due(RowIndex row);
    void fail_gate(RowIndex row, RowIndex dependency);
    void end_without_run(RowIndex row, Event event, ScheduleStatus status);
    void cancel_dependencies(RowIndex row, CancelReason reason, ScheduleId root);
    void tell_parent(RowIndex row);
    void set(RowIndex row, ScheduleStatus status);

    const State& state_;
    const Schedules& schedules_;
    const Context& context_;
    std::vector<Event> events_;
    absl::flat_hash_map<RowIndex, Changed> changed_;
};

// ---- Looking things up in the name of the principal; what belongs to another team is not there.

RowIndex find_schedule(const State& state, ScheduleId id, const Context& context);
RowIndex find_deployment(const State& state, DeploymentId id, const Context& context);
const App* find_app(const State& state, AppId id, const Context& context);

Rejection no_such_schedule(ScheduleId id);
Rejection no_such_deployment(DeploymentId id);

// "is running" and the like, for rejections.
std::string status_text(const ScheduleRow& row);

}  // namespace slipway
