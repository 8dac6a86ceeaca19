#include "projections/state_parts.h"

#include "projections/archive.h"

#include <algorithm>
#include <array>
#include <utility>

namespace slipway {

namespace {

// In the order in which they are written.
enum class Section : std::uint32_t {
    head,
    teams,
    shredded_keys,
    apps,
    words,
    users,
    policies,
    rows,
    free_rows,
    finished_roots,
};
constexpr std::uint32_t kSections = 10;

Error unfit(const std::string& what) {
    return Error{ErrorCode::corruption, "state: " + what};
}

}  // namespace

// What the parts of a state keep to themselves.
struct StateParts {
    static std::size_t count(const State& state, Section section);
    // One more, which is empty.
    static void grow(State& state, Section section);
    // Both ways: a writer reads it, and a reader fills it in.
    template <class Archive, class SomeState>
    static void visit(Archive& archive, SomeState& state, Section section, std::size_t item);

    // Makes what follows from the rest, and refuses what does not fit together.
    static Result<void> rebuild(State& state);

  private:
    using Rows = Slab<ScheduleRow>;
    using Free = std::vector<bool>;  // by row

    template <class Archive, class SomeState>
    static void visit_head(Archive& archive, SomeState& state);
    template <class Archive, class Slot>
    static void visit_value(Archive& archive, Slot& slot);
    template <class Archive, class SomeState>
    static void visit_row(Archive& archive, SomeState& state, RowIndex index);

    static Result<void> rebuild_teams(Teams& teams);
    static Result<void> rebuild_apps(Apps& apps);
    static Result<void> rebuild_schedules(Schedules& schedules);
    template <class T>
    static bool renumber(Interner<T>& interner);
    static bool count_uses(Schedules& schedules, const Free& free);
    static Result<void> rebuild_pins(State& state);
    static Result<Free> find_free(const Rows& rows);
    static bool is_whole(const Schedules& schedules, const ScheduleRow& row, const Free& free);
    static bool are_trees(const Schedules& schedules, const Free& free);
    static bool have_finished(const Schedules& schedules, const Free& free);
    static void index_rows(Schedules& schedules, const Free& free);
};

// ---- What there is

std::size_t StateParts::count(const State& state, Section section) {
    const Schedules& schedules = state.schedules_;
    switch (section) {
        case Section::head:
            return 1;
        case Section::teams:
            return state.teams_.teams_.size();
        case Section::shredded_keys:
            return state.teams_.shredded_keys_.size();
        case Section::apps:
            return state.apps_.apps_.size();
        case Section::words:
            return schedules.words_.slots_.size();
        case Section::users:
            return schedules.users_.slots_.size();
        case Section::policies:
            return schedules.policies_.slots_.size();
        case Section::rows:
            return schedules.rows_.size_;
        case Section::free_rows:
            return schedules.rows_.free_.size();
        case Section::finished_roots:
            return schedules.finished_roots_.size();
    }
    return 0;
}

void StateParts::grow(State& state, Section section) {
    Schedules& schedules = state.schedules_;
    Rows& rows = schedules.rows_;
    switch (section) {
        case Section::head:
            return;
        case Section::teams:
            state.teams_.teams_.emplace_back();
            return;
        case Section::shredded_keys:
            state.teams_.shredded_keys_.emplace_back();
            return;
        case Section::apps:
            state.apps_.apps_.emplace_back();
            return;
        case Section::words:
            schedules.words_.slots_.emplace_back();
            return;
        case Section::users:
            schedules.users_.slots_.emplace_back();
            return;
        case Section::policies:
            schedules.policies_.slots_.emplace_back();
            return;
        case Section::rows:
            if (rows.size_ % Rows::kChunkRows == 0) {
                rows.chunks_.push_back(std::make_unique<Rows::Chunk>());
            }
            ++rows.size_;
            return;
        case Section::free_rows:
            rows.free_.emplace_back();
            return;
        case Section::finished_roots:
            schedules.finished_roots_.emplace_back();
            return;
    }
}

template <class Archive, class SomeState>
void StateParts::visit(Archive& archive, SomeState& state, Section section, std::size_t item) {
    auto& schedules = state.schedules_;
    switch (section) {
        case Section::head:
            return visit_head(archive, state);
        case Section::teams:
            return archive(state.teams_.teams_[item]);
        case Section::shredded_keys:
            return archive(state.teams_.shredded_keys_[item]);
        case Section::apps:
            return archive(state.apps_.apps_[item]);
        case Section::words:
            return visit_value(archive, schedules.words_.slots_[item]);
        case Section::users:
            return visit_value(archive, schedules.users_.slots_[item]);
        case Section::policies:
            return visit_value(archive, schedules.policies_.slots_[item]);
        case Section::rows:
            return visit_row(archive, state, static_cast<RowIndex>(item));
        case Section::free_rows:
            return archive(schedules.rows_.free_[item]);
        case Section::finished_roots:
            return archive(schedules.finished_roots_[item]);
    }
}

template <class Archive, class SomeState>
void StateParts::visit_head(Archive& archive, SomeState& state) {
    auto& installation = state.installation_;
    archive(state.position_, installation.id_, installation.host_, installation.held_,
            installation.note_, installation.changed_at_, installation.version_,
            installation.zone_rules_, installation.rules_digests_,
            installation.tokens_revoked_before_);
    auto& endings = state.endings_;
    archive(endings.succeeded_, endings.failed_, endings.aborted_, endings.cancelled_,
            endings.missed_, endings.skipped_, endings.unknown_);
}

// An interned value, if it is in use. How often is counted again.
template <class Archive, class Slot>
void StateParts::visit_value(Archive& archive, Slot& slot) {
    bool is_used = slot.uses > 0;
    archive(is_used);
    if (!is_used) return;
    archive(slot.value);
    if constexpr (!std::is_const_v<Slot>) slot.uses = 1;
}

// With all that is known of it elsewhere.
template <class Archive, class SomeState>
void StateParts::visit_row(Archive& archive, SomeState& state, RowIndex index) {
    auto& row = state.schedules_.rows_.at(index);
    auto& texts = state.schedules_.texts_;
    auto& runs = state.deployments_.runs_;
    bool is_used = !row.id.is_nil();
    archive(is_used);
    if (!is_used) return;
    archive(row);
    bool has_run = runs.contains(deployment_of(row.id));
    if constexpr (std::is_const_v<SomeState>) {
        if (row.has_text) archive(texts.at(index));
        archive(has_run);
        if (has_run) archive(runs.at(deployment_of(row.id)));
    } else {
        if (row.has_text) archive(texts[index]);
        archive(has_run);
        if (has_run) archive(runs[deployment_of(row.id)]);
    }
}

// ---- Making again what follows from it

Result<void> StateParts::rebuild_teams(Teams& teams) {
    for (std::uint32_t i = 0; i < teams.teams_.size(); ++i) {
        const Team& team = teams.teams_[i];
        bool is_new = teams.indexes_.try_emplace(team.id, i).second;
        teams.bytes_of_.push_back(team_bytes(team));
        teams.bytes_ += teams.bytes_of_.back();
        for (const auto& [user, member] : team.members) teams.add_team_of(user, team.id);
        teams.founded_by_[team.founder].push_back(team.id);
        for (const auto& [id, one] : team.invitations) {
            is_new &= teams.invitation_of_
                          .try_emplace(one.secret_sha256, Teams::Known<InvitationId>{team.id, id})
                          .second;
        }
        for (const auto& [id, one] : team.tokens) {
            is_new &=
                teams.token_of_.try_emplace(one.secret_sha256, Teams::Known<TokenId>{team.id, id})
                    .second;
        }
        if (!is_new) return unfit("something of a team is there twice");
    }
    return {};
}

Result<void> StateParts::rebuild_apps(Apps& apps) {
    for (std::uint32_t i = 0; i < apps.apps_.size(); ++i) {
        const App& app = apps.apps_[i];
        if (app.definitions.empty()) return unfit("an app has no definition");
        bool is_new = apps.indexes_.try_emplace(app.id, i).second;
        apps.of_team_[app.team].apps.push_back(i);
        apps.count_all(app);
        if (!app.archived) {
            is_new &= apps.names_.try_emplace({app.team, app.definition().name}, i).second;
        }
        if (!is_new) return unfit("an app is there twice");
    }
    return {};
}

Result<void> StateParts::rebuild_schedules(Schedules& schedules) {
    const auto free = find_free(schedules.rows_);
    if (!free) return free.error();
    if (!renumber(schedules.words_) || !renumber(schedules.users_) ||
        !renumber(schedules.policies_)) {
        return unfit("an interned value is there twice");
    }
    for (RowIndex i = 0; i < free->size(); ++i) {
        if (!(*free)[i] && !is_whole(schedules, schedules.rows_.at(i), *free)) {
            return unfit("schedule " + std::to_string(i) + " speaks of what is not there");
        }
    }
    if (!are_trees(schedules, *free)) return unfit("the schedules are not trees");
    if (!have_finished(schedules, *free)) return unfit("what has finished is not counted right");
    if (!count_uses(schedules, *free)) return unfit("an interned value is not used");
    index_rows(schedules, *free);
    if (schedules.indexes_.size() + schedules.rows_.free_.size() != free->size()) {
        return unfit("a schedule is there twice");
    }
    return {};
}

template <class T>
bool StateParts::renumber(Interner<T>& interner) {
    for (std::uint32_t i = 0; i < interner.slots_.size(); ++i) {
        auto& slot = interner.slots_[i];
        if (slot.uses == 0) {
            interner.free_.insert(i);
        } else if (!interner.numbers_.try_emplace(slot.value, i).second) {
            return false;
        }
        slot.uses = 0;
    }
    return true;
}

// False if one that is there is not used. Requires: each row is whole.
bool StateParts::count_uses(Schedules& schedules, const Free& free) {
    for (RowIndex i = 0; i < free.size(); ++i) {
        if (free[i]) continue;
        const ScheduleRow& row = schedules.rows_.at(i);
        ++schedules.users_.slots_[row.created_by].uses;
        ++schedules.policies_.slots_[row.policies].uses;
        for (const auto word : {row.original_timezone, row.timezone, row.tzdb_version}) {
            ++schedules.words_.slots_[word].uses;
        }
    }
    const auto all_used = [](const auto& interner) {
        for (const auto& [value, number] : interner.numbers_) {
            if (interner.slots_[number].uses == 0) return false;
        }
        return true;
    };
    return all_used(schedules.words_) && all_used(schedules.users_) &&
           all_used(schedules.policies_);
}

// Exactly the rows without an id.
Result<StateParts::Free> StateParts::find_free(const Rows& rows) {
    Free free(rows.size_, false);
    for (const RowIndex index : rows.free_) {
        if (index >= rows.size_ || free[index]) return unfit("a free row is not there");
        free[index] = true;
    }
    for (RowIndex i = 0; i < rows.size_; ++i) {
        if (free[i] != rows.at(i).id.is_nil()) return unfit("a row is free and used");
    }
    return free;
}

bool StateParts::is_whole(const Schedules& schedules, const ScheduleRow& row, const Free& free) {
    const auto is_link = [&](RowIndex to) {
        return to == kNoRow || (to < free.size() && !free[to]);
    };
    const auto has = [](const auto& interner, std::uint32_t number) {
        return number < interner.slots_.size() && !interner.free_.contains(number);
    };
    if (row.team >= schedules.teams_.teams_.size() || row.app >= schedules.apps_.apps_.size() ||
        !has(schedules.users_, row.created_by) || !has(schedules.words_, row.original_timezone) ||
        !has(schedules.words_, row.timezone) || !has(schedules.words_, row.tzdb_version) ||
        !has(schedules.policies_, row.policies)) {
        return false;
    }
    return is_link(row.parent) && is_link(row.first_dependency) && is_link(row.next_dependency);
}

// Whoever has a parent stands once in that parent's list, and is reached from a root.
bool StateParts::are_trees(const Schedules& schedules, const Free& free) {
    Free reached = free;
    std::vector<RowIndex> tree;
    for (RowIndex root = 0; root < free.size(); ++root) {
        if (free[root] || schedules.at(root).parent != kNoRow) continue;
        reached[root] = true;
        tree.assign(1, root);
        std::uint32_t open = 0;
        while (!tree.empty()) {
            const RowIndex index = tree.back();
            tree.pop_back();
            if (!is_terminal(schedules.at(index).status)) ++open;
            for (RowIndex at = schedules.at(index).first_dependency; at != kNoRow;
                 at = schedules.at(at).next_dependency) {
                if (reached[at] || schedules.at(at).parent != index) return false;
                reached[at] = true;
                tree.push_back(at);
            }
        }
        if (open != schedules.at(root).open_in_tree) return false;
    }
    return std::find(reached.begin(), reached.end(), false) == reached.end();
}

// Exactly the roots of trees in which nothing is open, each once.
bool StateParts::have_finished(const Schedules& schedules, const Free& free) {
    Free finished(free.size(), false);
    for (const RowIndex root : schedules.finished_roots_) {
        if (root >= free.size() || finished[root]) return false;
        finished[root] = true;
    }
    for (RowIndex i = 0; i < free.size(); ++i) {
        const ScheduleRow& row = schedules.at(i);
        const bool has_finished = !free[i] && row.parent == kNoRow && row.open_in_tree == 0;
        if (has_finished != finished[i]) return false;
    }
    return schedules.finished_roots_.size() <= schedules.finished_trees_kept_;
}

void StateParts::index_rows(Schedules& schedules, const Free& free) {
    struct Entries {
        std::vector<DueEntry> open;
        std::vector<DueEntry> ended;
    };
    std::vector<Entries> of_team;
    struct OfApp {
        std::vector<DueEntry> pending;
        std::vector<DueEntry> under_way;
    };
    absl::flat_hash_map<std::uint32_t, OfApp> of_app;  // by the app's number
    Entries wakes;                                     // always, and when armed
    std::vector<DueEntry> held;
    schedules.indexes_.reserve(free.size() - schedules.rows_.free_.size());
    for (RowIndex i = 0; i < free.size(); ++i) {
        if (free[i]) continue;
        const ScheduleRow& row = schedules.at(i);
        schedules.indexes_.try_emplace(row.id, i);
        ++schedules.of_status_[static_cast<std::size_t>(row.status)];
        if (of_team.size() <= row.team) of_team.resize(row.team + std::size_t{1});
        auto& queues = of_team[row.team];
        (is_terminal(row.status) ? queues.ended : queues.open).push_back({row.due_at, i});
        if (Schedules::is_listed(row)) {
            OfApp& queues_of_app = of_app[row.app];
            (is_pending(row.status) ? queues_of_app.pending : queues_of_app.under_way)
                .push_back({row.due_at, i});
        }
        if (row.status == ScheduleStatus::held) held.push_back({row.due_at, i});
        if (row.wake_at == kNever) continue;
        (row.woken_when_armed ? wakes.ended : wakes.open).push_back({row.wake_at, i});
    }
    for (auto& queues : of_team) {
        schedules.of_team_.push_back(
            {DueQueue{std::move(queues.open)}, DueQueue{std::move(queues.ended)}, {}});
    }
    for (RowIndex i = 0; i < free.size(); ++i) {
        if (free[i] || schedules.at(schedules.root_of(i)).open_in_tree == 0) continue;
        const ScheduleRow& row = schedules.at(i);
        schedules.count(row, schedules.counted_of(i));
        const bool has_run = schedules.deployments_.find(deployment_of(row.id)) != nullptr;
        if (has_run) schedules.count_run(i);
    }
    for (const RowIndex root : schedules.finished_roots_) {
        schedules.finished_bytes_ += schedules.tree_bytes(schedules.tree_of(root));
    }
    for (auto& [app, queues] : of_app) {
        schedules.of_app_.try_emplace(app, Schedules::OfApp{DueQueue{std::move(queues.pending)},
                                                            DueQueue{std::move(queues.under_way)}});
    }
    schedules.due_ = DueQueue{std::move(wakes.open)};
    schedules.due_when_armed_ = DueQueue{std::move(wakes.ended)};
    schedules.held_ = DueQueue{std::move(held)};
}

Result<void> StateParts::rebuild(State& state) {
    if (auto good = rebuild_teams(state.teams_); !good) return good;
    if (auto good = rebuild_apps(state.apps_); !good) return good;
    if (auto good = rebuild_schedules(state.schedules_); !good) return good;
    return rebuild_pins(state);
}

// What is open has the definition that it is pinned to, and no other old one is there.
Result<void> StateParts::rebuild_pins(State& state) {
    Schedules& schedules = state.schedules_;
    for (RowIndex i = 0; i < schedules.rows_.size_; ++i) {
        const ScheduleRow& row = schedules.at(i);
        if (!row.id.is_nil() && !is_terminal(row.status)) schedules.pin(row);
    }
    for (const auto& [of, pins] : schedules.pins_) {
        const App& app = state.apps_.at(of.app);
        const bool is_whole = !app.is_outline || of.version != app.definition_version();
        if (app.find_definition(of.version) == nullptr || !is_whole) {
            return unfit("a schedule is pinned to a definition that is not there");
        }
    }
    for (std::uint32_t i = 0; i < state.apps_.apps_.size(); ++i) {
        const App& app = state.apps_.at(i);
        for (const auto& [version, definition] : app.definitions) {
            const bool is_newest = version == app.definition_version();
            const bool is_needed = schedules.is_pinned({i, version});
            const bool is_outline = is_newest && app.archived && !is_needed;
            if ((is_newest && app.is_outline != is_outline) || (!is_newest && !is_needed)) {
                return unfit("an app has a definition that nothing needs");
            }
        }
    }
    return {};
}

// ---- Writing and reading

namespace {

// Where the next item is from there on.
std::optional<PiecePlace> item_from(const State& state, PiecePlace at) {
    for (; at.section < kSections; at = {at.section + 1, 0}) {
        if (at.item < StateParts::count(state, static_cast<Section>(at.section))) return at;
    }
    return std::nullopt;
}

}  // namespace

std::optional<PiecePlace> write_piece(const State& state, PiecePlace from, std::string& bytes) {
    bytes.clear();
    auto at = item_from(state, from);
    if (!at) return at;
    const auto section = static_cast<Section>(at->section);
    const std::size_t count = StateParts::count(state, section);
    ArchiveWriter archive{bytes};
    for (; at->item < count && bytes.size() < kPieceBytes; ++at->item) {
        StateParts::visit(archive, state, section, at->item);
    }
    return item_from(state, *at);
}

Result<void> StateReader::read_piece(PiecePlace from, std::string_view bytes) {
    const bool goes_on = from == next_;
    const bool begins = next_ != PiecePlace{} && from.section > next_.section && from.item == 0;
    if ((!goes_on && !begins) || from.section >= kSections) return unfit("a piece is missing");
    const auto section = static_cast<Section>(from.section);
    ArchiveReader archive{bytes};
    while (!archive.is_at_end()) {
        const bool is_full = from.item == (section == Section::head ? 1 : kNoRow);
        if (is_full) return unfit("a piece has too much");
        StateParts::grow(*state_, section);
        StateParts::visit(archive, *state_, section, from.item++);
    }
    if (archive.has_failed()) return unfit("a piece has what cannot be");
    next_ = from;
    return {};
}

Result<std::unique_ptr<State>> StateReader::finish() {
    if (next_ == PiecePlace{}) return unfit("its head is missing");
    if (auto rebuilt = StateParts::rebuild(*state_); !rebuilt) return rebuilt.error();
    return std::move(state_);
}

}  // namespace slipway
