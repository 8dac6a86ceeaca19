// Makes the indexes, queues and counts of the schedules again from the rows of a snapshot, and
// refuses rows that do not fit together.

#include "projections/schedules.h"

#include <algorithm>
#include <utility>

namespace slipway {

class Schedules::Rebuild {
  public:
    explicit Rebuild(Schedules& schedules) : all_(schedules) {}

    Result<void> run();

  private:
    Result<void> find_free();
    bool is_whole(const ScheduleRow& row) const;
    std::optional<std::uint32_t> open_in_tree(RowIndex root, std::vector<bool>& reached) const;
    bool are_trees() const;
    bool have_finished() const;
    bool count_uses();
    void index_rows();
    void index_queues();
    void count_trees();
    Result<void> pin_definitions();

    template <class Visit>
    void for_each_row(const Visit& visit) const {
        for (RowIndex index = 0; index < free_.size(); ++index) {
            if (!free_[index]) visit(index, all_.at(index));
        }
    }

    Schedules& all_;
    std::vector<bool> free_;  // by row
};

Result<void> Schedules::rebuild() {
    return Rebuild{*this}.run();
}

Result<void> Schedules::Rebuild::run() {
    if (auto found = find_free(); !found) return found;
    if (!all_.words_.rebuild() || !all_.users_.rebuild() || !all_.policies_.rebuild()) {
        return unfit("an interned value is there twice");
    }
    for (RowIndex index = 0; index < free_.size(); ++index) {
        if (!free_[index] && !is_whole(all_.at(index))) {
            return unfit("schedule " + std::to_string(index) + " speaks of what is not there");
        }
    }
    if (!are_trees()) return unfit("the schedules are not trees");
    if (!have_finished()) return unfit("what has finished is not counted right");
    if (!count_uses()) return unfit("an interned value is not used");
    index_rows();
    if (all_.indexes_.size() + all_.rows_.free().size() != free_.size()) {
        return unfit("a schedule is there twice");
    }
    index_queues();
    count_trees();
    return pin_definitions();
}

// Exactly the rows without an id.
Result<void> Schedules::Rebuild::find_free() {
    free_.assign(all_.rows_.size(), false);
    for (const RowIndex index : all_.rows_.free()) {
        if (index >= free_.size() || free_[index]) return unfit("a free row is not there");
        free_[index] = true;
    }
    for (RowIndex index = 0; index < free_.size(); ++index) {
        if (free_[index] != all_.at(index).id.is_nil()) return unfit("a row is free and used");
    }
    return {};
}

// All that the row's numbers stand for is there.
bool Schedules::Rebuild::is_whole(const ScheduleRow& row) const {
    const auto is_link = [this](RowIndex to) {
        return to == kNoRow || (to < free_.size() && !free_[to]);
    };
    return row.team < all_.teams_.size() && row.app < all_.apps_.size() &&
           all_.users_.has(row.created_by) && all_.words_.has(row.original_timezone) &&
           all_.words_.has(row.timezone) && all_.words_.has(row.tzdb_version) &&
           all_.policies_.has(row.policies) && is_link(row.parent) &&
           is_link(row.first_dependency) && is_link(row.next_dependency);
}

// How many of the tree have not ended. Nothing if it is no tree, or one of it was `reached` before.
std::optional<std::uint32_t> Schedules::Rebuild::open_in_tree(RowIndex root,
                                                              std::vector<bool>& reached) const {
    std::uint32_t open = 0;
    std::vector<RowIndex> tree{root};
    reached[root] = true;
    while (!tree.empty()) {
        const RowIndex index = tree.back();
        tree.pop_back();
        if (!is_terminal(all_.at(index).status)) ++open;
        for (RowIndex at = all_.at(index).first_dependency; at != kNoRow;
             at = all_.at(at).next_dependency) {
            if (reached[at] || all_.at(at).parent != index) return std::nullopt;
            reached[at] = true;
            tree.push_back(at);
        }
    }
    return open;
}

// Each row with a parent stands once in that parent's list, and is reached from a root.
bool Schedules::Rebuild::are_trees() const {
    std::vector<bool> reached = free_;
    for (RowIndex root = 0; root < free_.size(); ++root) {
        if (free_[root] || all_.at(root).parent != kNoRow) continue;
        if (open_in_tree(root, reached) != all_.at(root).open_in_tree) return false;
    }
    return std::find(reached.begin(), reached.end(), false) == reached.end();
}

// Exactly the roots of trees in which nothing is open, each once.
bool Schedules::Rebuild::have_finished() const {
    std::vector<bool> finished(free_.size(), false);
    for (const RowIndex root : all_.finished_roots_) {
        if (root >= free_.size() || finished[root]) return false;
        finished[root] = true;
    }
    for (RowIndex index = 0; index < free_.size(); ++index) {
        const ScheduleRow& row = all_.at(index);
        const bool has_finished = !free_[index] && row.parent == kNoRow && row.open_in_tree == 0;
        if (has_finished != finished[index]) return false;
    }
    return all_.finished_roots_.size() <= all_.finished_trees_kept_;
}

// False if a value is there that no row uses. Requires: each row is whole.
bool Schedules::Rebuild::count_uses() {
    for_each_row([this](RowIndex, const ScheduleRow& row) {
        all_.users_.count_use(row.created_by);
        all_.policies_.count_use(row.policies);
        for (const auto word : {row.original_timezone, row.timezone, row.tzdb_version}) {
            all_.words_.count_use(word);
        }
    });
    return all_.words_.are_all_used() && all_.users_.are_all_used() &&
           all_.policies_.are_all_used();
}

void Schedules::Rebuild::index_rows() {
    all_.indexes_.reserve(free_.size() - all_.rows_.free().size());
    for_each_row([this](RowIndex index, const ScheduleRow& row) {
        all_.indexes_.try_emplace(row.id, index);
        ++all_.of_status_[static_cast<std::size_t>(row.status)];
    });
}

// A queue is made of all its entries at once: that takes a fraction of the time of adding each.
void Schedules::Rebuild::index_queues() {
    using Entries = std::vector<DueEntry>;
    struct TeamEntries {
        Entries open;
        Entries ended;
    };
    struct AppEntries {
        Entries pending;
        Entries under_way;
    };
    std::vector<TeamEntries> of_team;
    absl::flat_hash_map<std::uint32_t, AppEntries> of_app;  // by the app's number
    Entries held;
    Entries wakes;
    Entries wakes_when_armed;
    for_each_row([&](RowIndex index, const ScheduleRow& row) {
        if (of_team.size() <= row.team) of_team.resize(row.team + std::size_t{1});
        const DueEntry entry{row.due_at, index};
        TeamEntries& team = of_team[row.team];
        (is_terminal(row.status) ? team.ended : team.open).push_back(entry);
        if (is_listed(row)) {
            AppEntries& app = of_app[row.app];
            (is_pending(row.status) ? app.pending : app.under_way).push_back(entry);
        }
        if (row.status == ScheduleStatus::held) held.push_back(entry);
        if (row.wake_at == kNever) return;
        (row.woken_when_armed ? wakes_when_armed : wakes).push_back({row.wake_at, index});
    });
    for (TeamEntries& team : of_team) {
        all_.of_team_.push_back(
            {DueQueue{std::move(team.open)}, DueQueue{std::move(team.ended)}, {}});
    }
    for (auto& [app, entries] : of_app) {
        all_.of_app_.try_emplace(app, OfApp{DueQueue{std::move(entries.pending)},
                                            DueQueue{std::move(entries.under_way)}});
    }
    all_.held_ = DueQueue{std::move(held)};
    all_.due_ = DueQueue{std::move(wakes)};
    all_.due_when_armed_ = DueQueue{std::move(wakes_when_armed)};
}

// What open trees use, and the bytes of those that finished.
void Schedules::Rebuild::count_trees() {
    for_each_row([this](RowIndex index, const ScheduleRow& row) {
        if (all_.at(all_.root_of(index)).open_in_tree == 0) return;
        all_.count(row, all_.counted_of(index));
        const bool has_run = all_.deployments_.find(deployment_of(row.id)) != nullptr;
        if (has_run) all_.count_run(index);
    });
    for (const RowIndex root : all_.finished_roots_) {
        all_.finished_bytes_ += all_.tree_bytes(all_.tree_of(root));
    }
}

// What is open has the definition that it is pinned to, and no other old one is there.
Result<void> Schedules::Rebuild::pin_definitions() {
    for_each_row([this](RowIndex, const ScheduleRow& row) {
        if (!is_terminal(row.status)) all_.pin(row);
    });
    for (const auto& [of, pins] : all_.pins_) {
        const App& app = all_.apps_.at(of.app);
        const bool is_whole = !app.is_outline || of.version != app.definition_version();
        if (app.find_definition(of.version) == nullptr || !is_whole) {
            return unfit("a schedule is pinned to a definition that is not there");
        }
    }
    for (std::uint32_t i = 0; i < all_.apps_.size(); ++i) {
        const App& app = all_.apps_.at(i);
        for (const auto& [version, definition] : app.definitions) {
            const bool is_newest = version == app.definition_version();
            const bool is_needed = all_.is_pinned({i, version});
            const bool is_outline = is_newest && app.archived && !is_needed;
            if ((is_newest && app.is_outline != is_outline) || (!is_newest && !is_needed)) {
                return unfit("an app has a definition that nothing needs");
            }
        }
    }
    return {};
}

}  // namespace slipway
