#include "tests/support/invariants.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace slipway {

namespace {

std::string about(const ScheduleRow& row, const std::string& what) {
    return row.id.text() + " (" + std::string{name_of(row.status)} + ") " + what + "\n";
}

std::vector<RowIndex> rows_of(const State& state, const std::vector<RecordedEvent>& history) {
    std::vector<RowIndex> rows;
    for (const auto& recorded : history) {
        ScheduleId id;
        if (const auto* const made = std::get_if<DeploymentScheduled>(&recorded.event)) {
            id = made->schedule;
        } else if (const auto* const asked = std::get_if<DeploymentRequested>(&recorded.event)) {
            id = schedule_of(asked->deployment);
        } else {
            continue;
        }
        const RowIndex row = state.schedules().find(id);
        if (row != kNoRow) rows.push_back(row);
    }
    return rows;
}

// When the timer must look at it, by its status.
std::string check_wake(const State& state, const ScheduleRow& row) {
    const bool wakes = row.wake_at != kNever;
    switch (row.status) {
        case ScheduleStatus::scheduled:
            return row.wake_at == row.due_at && !row.woken_when_armed
                       ? ""
                       : about(row, "does not wake when it is due");
        case ScheduleStatus::waiting:
            return wakes && !row.woken_when_armed ? "" : about(row, "waits for ever");
        case ScheduleStatus::held: {
            const bool switched = row.hold_reason == HoldReason::dispatch_held ||
                                  row.hold_reason == HoldReason::restored;
            if (wakes != switched || row.woken_when_armed != switched) {
                return about(row, "is held and must wake only when dispatch is armed");
            }
            return switched && row.wake_at < row.due_at ? about(row, "wakes at another time") : "";
        }
        case ScheduleStatus::running: {
            const Run* const run = state.deployments().find(deployment_of(row.id));
            const auto deadline = run != nullptr ? run->completion_deadline : std::nullopt;
            return row.wake_at == deadline.value_or(kNever)
                       ? ""
                       : about(row, "does not wake at its completion deadline");
        }
        default:
            return wakes ? about(row, "wakes though nothing is to come") : "";
    }
}

std::string check_run(const State& state, const ScheduleRow& row) {
    const Run* const run = state.deployments().find(deployment_of(row.id));
    const bool has_run =
        row.status >= ScheduleStatus::due && row.status < ScheduleStatus::cancelled;
    if ((run != nullptr) != has_run)
        return about(row, "has a run, or has none, against its status");
    if (run == nullptr) return {};
    if (run->ended_at.has_value() != is_terminal(row.status)) {
        return about(row, "and its run do not end together");
    }
    const bool open = !run->attempts.empty() && run->attempts.back().is_open();
    if (open && row.status != ScheduleStatus::running) return about(row, "has an open attempt");
    if (run->ready_at && (open || is_terminal(row.status))) {
        return about(row, "may start an attempt that it must not start");
    }
    return {};
}

std::string check_tree(const Schedules& schedules, RowIndex index,
                       const std::vector<RowIndex>& rows) {
    const ScheduleRow& row = schedules.at(index);
    std::vector<RowIndex> listed;
    for (RowIndex at = row.first_dependency; at != kNoRow; at = schedules.at(at).next_dependency) {
        listed.push_back(at);
    }
    std::vector<RowIndex> below;
    std::uint32_t open = 0;
    for (const RowIndex at : rows) {
        if (schedules.at(at).parent == index) below.push_back(at);
        RowIndex root = at;
        while (schedules.at(root).parent != kNoRow) root = schedules.at(root).parent;
        if (root == index && !is_terminal(schedules.at(at).status)) ++open;
    }
    if (listed != below) return about(row, "does not list its dependencies in order");
    if (row.parent == kNoRow && row.open_in_tree != open) {
        return about(row, "counts " + std::to_string(row.open_in_tree) + " open in its tree of " +
                              std::to_string(open));
    }
    return {};
}

bool is_same(const DueQueue& queue, const std::set<DueEntry>& wanted) {
    return std::equal(queue.begin(), queue.end(), wanted.begin(), wanted.end());
}

std::string check_team_queues(const State& state, TeamId team, const std::vector<RowIndex>& rows) {
    std::set<DueEntry> open;
    std::set<DueEntry> ended;
    for (const RowIndex index : rows) {
        const ScheduleRow& row = state.schedules().at(index);
        if (state.schedules().team_of(row) != team) continue;
        (is_terminal(row.status) ? ended : open).insert({row.due_at, index});
    }
    if (!is_same(state.schedules().open_of(team), open)) return "the open queue is not the open\n";
    if (!is_same(state.schedules().ended_of(team), ended))
        return "the ended queue is not the ended\n";
    return {};
}

std::string check_app_queues(const State& state, const std::vector<RowIndex>& rows) {
    std::map<AppId, std::set<DueEntry>> pending;
    std::map<AppId, std::set<DueEntry>> under_way;
    for (const RowIndex index : rows) {
        const ScheduleRow& row = state.schedules().at(index);
        if (is_terminal(row.status)) continue;
        const AppId app = state.schedules().app_of(row).id;
        if (is_pending(row.status)) {
            pending[app].insert({row.due_at, index});
        } else if (!row.at_once) {
            under_way[app].insert({row.due_at, index});
        }
    }
    for (std::uint32_t i = 0; i < state.teams().size(); ++i) {
        for (const auto number : state.apps().of_team(state.teams().at(i).id)) {
            const App& app = state.apps().at(number);
            if (!is_same(state.schedules().pending_of(app), pending[app.id])) {
                return app.id.text() + " has other schedules to come\n";
            }
            if (!is_same(state.schedules().under_way_of(app), under_way[app.id])) {
                return app.id.text() + " has other schedules under way\n";
            }
        }
    }
    return {};
}

std::string check_due_queue(const Schedules& schedules, const std::vector<RowIndex>& rows) {
    std::set<DueEntry> always;
    std::set<DueEntry> all;
    std::set<DueEntry> held;
    for (const RowIndex index : rows) {
        const ScheduleRow& row = schedules.at(index);
        if (row.status == ScheduleStatus::held) held.insert({row.due_at, index});
        if (row.wake_at == kNever) continue;
        all.insert({row.wake_at, index});
        if (!row.woken_when_armed) always.insert({row.wake_at, index});
    }
    const auto first = [](const std::set<DueEntry>& entries) {
        return entries.empty() ? std::nullopt : std::optional{*entries.begin()};
    };
    if (!is_same(schedules.held(), held)) return "the queue of the held is not the held\n";
    if (schedules.pending() != always.size()) return "the due queue has not the rows that wake\n";
    if (schedules.next_wake(false) != first(always) || schedules.next_wake(true) != first(all)) {
        return "the due queue begins with another row\n";
    }
    return {};
}

std::string check_counts(const Schedules& schedules, const std::vector<RowIndex>& rows) {
    for (std::size_t i = 0; i < kScheduleStatuses; ++i) {
        const auto status = static_cast<ScheduleStatus>(i);
        const auto wanted = std::ranges::count_if(
            rows, [&](RowIndex row) { return schedules.at(row).status == status; });
        if (schedules.count(status) == static_cast<std::size_t>(wanted)) continue;
        return "the count of what is " + std::string{name_of(status)} + " is wrong\n";
    }
    return {};
}

// In memory are the newest definition of each app and those that something open is pinned to.
std::string check_definitions(const State& state, const std::vector<RowIndex>& rows) {
    std::map<AppId, std::set<Version>> pinned;
    for (const RowIndex index : rows) {
        const ScheduleRow& row = state.schedules().at(index);
        if (is_terminal(row.status) || row.app_version == Version{}) continue;
        pinned[state.schedules().app_of(row).id].insert(row.app_version);
    }
    for (std::uint32_t team = 0; team < state.teams().size(); ++team) {
        for (const auto index : state.apps().of_team(state.teams().at(team).id)) {
            const App& app = state.apps().at(index);
            auto wanted = pinned[app.id];
            const bool newest_is_pinned = wanted.contains(app.definition_version());
            wanted.insert(app.definition_version());
            std::set<Version> found;
            for (const auto& [version, definition] : app.definitions) found.insert(version);
            if (found != wanted) return app.id.text() + " has other definitions than it needs\n";
            if (app.is_outline != (app.archived && !newest_is_pinned)) {
                return app.id.text() + " is an outline, or none, against its state\n";
            }
        }
    }
    return {};
}

std::string check_use(const State& state, const std::vector<RowIndex>& rows) {
    const Schedules& schedules = state.schedules();
    ScheduleUse wanted;
    for (const RowIndex index : rows) {
        RowIndex root = index;
        while (schedules.at(root).parent != kNoRow) root = schedules.at(root).parent;
        if (schedules.at(root).open_in_tree == 0) continue;
        ++wanted.rows;
        wanted.text_bytes += schedules.at(index).has_text ? text_bytes(schedules.text(index)) : 0;
        const Run* const run = state.deployments().find(deployment_of(schedules.at(index).id));
        wanted.run_bytes += run == nullptr ? 0 : run_bytes(*run);
    }
    AppUse apps;
    ScheduleUse of_teams;
    std::size_t team_bytes_in_all = 0;
    for (std::uint32_t i = 0; i < state.teams().size(); ++i) {
        const TeamId team = state.teams().at(i).id;
        of_teams += schedules.use_of(team);
        team_bytes_in_all += team_bytes(state.teams().at(i));
        if (state.teams().bytes_of(team) != team_bytes(state.teams().at(i))) {
            return "the bytes of a team are counted wrong\n";
        }
        for (const auto index : state.apps().of_team(team)) {
            const App& app = state.apps().at(index);
            apps.live += app.archived ? 0 : 1;
            apps.bytes += kAppBytes;
            for (const auto& [version, definition] : app.definitions) {
                ++apps.definitions;
                apps.bytes += definition_bytes(definition);
            }
        }
    }
    const bool good = schedules.use() == wanted && of_teams == wanted &&
                      state.apps().use() == apps && state.teams().bytes() == team_bytes_in_all;
    return good ? "" : "what is used is counted wrong\n";
}

bool is_end(const Event& event) {
    return std::holds_alternative<DeploymentSucceeded>(event) ||
           std::holds_alternative<DeploymentFailed>(event) ||
           std::holds_alternative<DeploymentAborted>(event) ||
           std::holds_alternative<DeploymentCancelled>(event) ||
           std::holds_alternative<DeploymentMissed>(event) ||
           std::holds_alternative<DeploymentSkipped>(event);
}

// When each is due, one event after another.
class Itineraries {
  public:
    // What is wrong with `event` after those before.
    std::string follow(const Event& event) {
        return std::visit([this](const auto& fact) { return next(fact); }, event);
    }

  private:
    std::string next(const DeploymentScheduled& fact) {
        due_at_[fact.schedule] = fact.time.due_at;
        zone_[fact.schedule] = fact.time.timezone;
        return {};
    }
    std::string next(const DeploymentRescheduled& fact) {
        due_at_[fact.schedule] = fact.time.due_at;
        zone_[fact.schedule] = fact.time.timezone;
        return {};
    }
    std::string next(const DeploymentExpedited& fact) {
        due_at_[fact.schedule] = fact.due_at;
        return {};
    }
    std::string next(const DueTimeReresolved& fact) {
        const Instant before = std::exchange(due_at_[fact.schedule], fact.due_at);
        if (before != fact.old_due_at) return fact.schedule.text() + " moved from elsewhere\n";
        const std::string zone = std::exchange(zone_[fact.schedule], fact.timezone);
        if (before != fact.due_at || zone != fact.timezone) return {};
        return fact.schedule.text() + " moved nowhere\n";
    }
    std::string next(const DeploymentDue& fact) {
        const auto at = due_at_.find(schedule_of(fact.deployment));
        if (at == due_at_.end() || at->second == fact.due_at) return {};
        return fact.deployment.text() + " was due at another instant than its own\n";
    }
    template <class Fact>
    std::string next(const Fact&) {
        return {};
    }

    std::map<ScheduleId, Instant> due_at_;
    std::map<ScheduleId, std::string> zone_;
};

// A tree begins at once: its root, and then each dependency after the one that it is deployed for.
// Finished schedules are read back from the log by this.
class Trees {
  public:
    // What is wrong with `event` after those before.
    std::string follow(const Event& event) {
        const auto* const scheduled = std::get_if<DeploymentScheduled>(&event);
        if (scheduled == nullptr) {
            tree_.clear();
            return {};
        }
        if (!scheduled->parent) tree_.clear();
        const bool is_apart = scheduled->parent && !tree_.contains(*scheduled->parent);
        tree_.insert(scheduled->schedule);
        return is_apart ? scheduled->schedule.text() + " began apart from its tree\n" : "";
    }

  private:
    std::set<ScheduleId> tree_;
};

}  // namespace

std::string broken_invariant(const State& state, const std::vector<RecordedEvent>& history) {
    const auto rows = rows_of(state, history);
    std::string broken = check_due_queue(state.schedules(), rows);
    broken += check_app_queues(state, rows);
    broken += check_counts(state.schedules(), rows);
    broken += check_definitions(state, rows) + check_use(state, rows);
    for (std::uint32_t team = 0; team < state.teams().size(); ++team) {
        broken += check_team_queues(state, state.teams().at(team).id, rows);
    }
    for (const RowIndex index : rows) {
        const ScheduleRow& row = state.schedules().at(index);
        broken += check_wake(state, row) + check_run(state, row) +
                  check_tree(state.schedules(), index, rows);
    }
    return broken;
}

std::string broken_history(const std::vector<RecordedEvent>& history) {
    Itineraries times;
    Trees trees;
    std::set<Uuid> due;
    std::set<Uuid> ended;
    std::string broken;
    for (const auto& recorded : history) {
        const Uuid stream = stream_of(recorded.event);
        const std::string text = ScheduleId{stream}.text();
        if (ended.contains(stream)) {
            broken += text + ": " + std::string{type_name(recorded.event)} + " after its end\n";
        }
        if (is_end(recorded.event)) ended.insert(stream);
        broken += times.follow(recorded.event) + trees.follow(recorded.event);
        if (std::holds_alternative<DeploymentDue>(recorded.event) && !due.insert(stream).second) {
            broken += text + " was due twice\n";
        }
        if (std::holds_alternative<DeploymentCancelled>(recorded.event) && due.contains(stream)) {
            broken += text + " was cancelled after it was due\n";
        }
    }
    return broken;
}

}  // namespace slipway
