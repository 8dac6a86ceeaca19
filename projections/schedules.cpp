#include "projections/schedules.h"

#include "eventlog/base/check.h"
#include "eventlog/base/overloaded.h"
#include "projections/memory.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace slipway {

static_assert(sizeof(ScheduleRow) <= 120, "ten million rows must fit in memory");

std::size_t text_bytes(const ScheduleText& text) {
    return kNodeBytes + memory_bytes(text);
}

// ---- Rows

RowIndex Schedules::add(const Envelope& envelope, ScheduleRow row) {
    row.created_at = envelope.recorded_at;
    row.created_by = users_.add(envelope.actor.user);
    row.team = teams_.index_of(envelope.team);
    row.version = envelope.stream_version;
    const RowIndex index = rows_.add(row);
    CHECK(indexes_.try_emplace(row.id, index).second);
    of_team(row).open.add({row.due_at, index});
    list(index);
    ++of_status_[static_cast<std::size_t>(row.status)];
    ++rows_.at(root_of(index)).open_in_tree;
    count(row, {.rows = 1});
    pin(row);
    return index;
}

RowIndex Schedules::root_of(RowIndex index) const {
    while (rows_.at(index).parent != kNoRow) index = rows_.at(index).parent;
    return index;
}

void Schedules::count(const ScheduleRow& row, const ScheduleUse& more, const ScheduleUse& less) {
    for (ScheduleUse* const use : {&of_team(row).use, &use_}) {
        *use += more;
        *use -= less;
    }
}

// What is counted of a row whose tree has not finished.
ScheduleUse Schedules::counted_of(RowIndex index) const {
    const bool has_text = rows_.at(index).has_text;
    const auto run = run_bytes_.find(index);
    return {.rows = 1,
            .text_bytes = has_text ? text_bytes(texts_.at(index)) : 0,
            .run_bytes = run == run_bytes_.end() ? 0 : run->second};
}

// Counts the run as it is now, in the place of what was counted of it.
void Schedules::count_run(RowIndex index) {
    const ScheduleRow& row = rows_.at(index);
    const Run* const run = deployments_.find(deployment_of(row.id));
    CHECK(run != nullptr);
    std::size_t& counted = run_bytes_[index];
    const std::size_t before = std::exchange(counted, run_bytes(*run));
    count(row, {.run_bytes = counted}, {.run_bytes = before});
}

void Schedules::pin(const ScheduleRow& row) {
    if (row.app_version != Version{}) ++pins_[{row.app, row.app_version}];
}

void Schedules::unpin(const ScheduleRow& row) {
    const auto at = pins_.find({row.app, row.app_version});
    if (at == pins_.end() || --at->second > 0) return;
    unpinned_.push_back(at->first);
    pins_.erase(at);
}

RowIndex Schedules::changed(const Envelope& envelope, Uuid stream) {
    const RowIndex index = find(ScheduleId{stream});
    CHECK(index != kNoRow);
    ScheduleRow& row = rows_.at(index);
    CHECK(!is_terminal(row.status));
    CHECK(envelope.stream_version.value == row.version.value + 1);
    row.version = envelope.stream_version;
    return index;
}

RowIndex Schedules::run_changed(const Envelope& envelope, DeploymentId id) {
    const RowIndex index = changed(envelope, id.uuid);
    count_run(index);
    return index;
}

Schedules::OfTeam& Schedules::of_team(const ScheduleRow& row) {
    if (of_team_.size() <= row.team) of_team_.resize(row.team + std::size_t{1});
    return of_team_[row.team];
}

void Schedules::set_time(ScheduleRow& row, const PlannedTime& time) {
    row.wall_clock = time.wall_clock;
    words_.replace(row.original_timezone, time.original_timezone);
    words_.replace(row.timezone, time.timezone);
    words_.replace(row.tzdb_version, time.tzdb_version);
    row.disambiguation = time.disambiguation;
    row.resolution = time.resolution;
    row.utc_offset_seconds = static_cast<std::int32_t>(time.utc_offset_seconds.count());
}

void Schedules::drop_values(const ScheduleRow& row) {
    words_.drop(row.original_timezone);
    words_.drop(row.timezone);
    words_.drop(row.tzdb_version);
    users_.drop(row.created_by);
    policies_.drop(row.policies);
}

template <class Edit>
void Schedules::edit_text(RowIndex index, const Edit& edit) {
    ScheduleRow& row = rows_.at(index);
    ScheduleText& text = texts_[index];
    const std::size_t before = row.has_text ? text_bytes(text) : 0;
    row.has_text = true;
    edit(text);
    count(row, {.text_bytes = text_bytes(text)}, {.text_bytes = before});
}

void Schedules::set_text(RowIndex index, const std::string& note, const Labels& labels) {
    if (note.empty() && labels.empty() && !rows_.at(index).has_text) return;
    edit_text(index, [&](ScheduleText& text) {
        text.note = note;
        text.labels = labels;
    });
}

void Schedules::set_status_note(RowIndex index, const std::string& note) {
    if (note.empty() && !rows_.at(index).has_text) return;
    edit_text(index, [&](ScheduleText& text) { text.status_note = note; });
}

void Schedules::set_held_by(RowIndex index, UserId user) {
    if (user.is_nil() && !rows_.at(index).has_text) return;
    edit_text(index, [&](ScheduleText& text) { text.held_by = user; });
}

void Schedules::set_trace(RowIndex index, const Envelope& envelope) {
    if (envelope.traceparent.empty() && !rows_.at(index).has_text) return;
    edit_text(index, [&](ScheduleText& text) { text.traceparent = envelope.traceparent; });
}

void Schedules::move_due(RowIndex index, Instant due_at) {
    ScheduleRow& row = rows_.at(index);
    DueQueue& open = of_team(row).open;
    unlist(index);
    open.remove({row.due_at, index});
    row.due_at = due_at;
    open.add({row.due_at, index});
    list(index);
}

// Puts it where its status belongs: among those of its app, and among the held.
void Schedules::list(RowIndex index) {
    const ScheduleRow& row = rows_.at(index);
    const DueEntry entry{row.due_at, index};
    if (row.status == ScheduleStatus::held) held_.add(entry);
    if (!is_listed(row)) return;
    OfApp& of_app = of_app_[row.app];
    (is_pending(row.status) ? of_app.pending : of_app.under_way).add(entry);
}

void Schedules::unlist(RowIndex index) {
    const ScheduleRow& row = rows_.at(index);
    const DueEntry entry{row.due_at, index};
    if (row.status == ScheduleStatus::held) held_.remove(entry);
    if (!is_listed(row)) return;
    const auto at = of_app_.find(row.app);
    CHECK(at != of_app_.end());
    (is_pending(row.status) ? at->second.pending : at->second.under_way).remove(entry);
    if (at->second.is_empty()) of_app_.erase(at);
}

void Schedules::wake(RowIndex index, Instant at, bool when_armed) {
    ScheduleRow& row = rows_.at(index);
    if (row.wake_at != kNever) {
        (row.woken_when_armed ? due_when_armed_ : due_).remove({row.wake_at, index});
    }
    row.wake_at = at;
    row.woken_when_armed = when_armed;
    if (at != kNever) (when_armed ? due_when_armed_ : due_).add({at, index});
}

// Its instant is another now: so is when the timer must look at it, if that was why it would.
void Schedules::wake_when_due(RowIndex index) {
    const ScheduleRow& row = rows_.at(index);
    if (row.status == ScheduleStatus::scheduled || row.woken_when_armed) {
        wake(index, row.due_at, row.woken_when_armed);
    }
}

void Schedules::set_status(RowIndex index, ScheduleStatus status) {
    const auto queues = [](ScheduleStatus of) {
        return std::tuple{of == ScheduleStatus::held, is_pending(of), is_terminal(of)};
    };
    const ScheduleStatus before = rows_.at(index).status;
    const bool moves = queues(before) != queues(status);
    if (moves) unlist(index);
    rows_.at(index).status = status;
    if (moves) list(index);
    --of_status_[static_cast<std::size_t>(before)];
    ++of_status_[static_cast<std::size_t>(status)];
    wake(index, kNever);
}

void Schedules::end(RowIndex index, ScheduleStatus status) {
    set_status(index, status);
    const ScheduleRow& row = rows_.at(index);
    of_team(row).open.remove({row.due_at, index});
    of_team(row).ended.add({row.due_at, index});
    unpin(row);
    const RowIndex root = root_of(index);
    CHECK(rows_.at(root).open_in_tree > 0);
    if (--rows_.at(root).open_in_tree == 0) finish(root);
}

// Nothing of a tree that has finished changes any more: its bytes stay what they are.
void Schedules::finish(RowIndex root) {
    const auto tree = tree_of(root);
    for (const RowIndex index : tree) {
        count(rows_.at(index), {}, counted_of(index));
        run_bytes_.erase(index);
    }
    finished_bytes_ += tree_bytes(tree);
    finished_roots_.push_back(root);
    while (finished_roots_.size() > finished_trees_kept_ || finished_bytes_ > kFinishedBytesKept) {
        forget(finished_roots_.front());
        finished_roots_.pop_front();
    }
}

std::vector<RowIndex> Schedules::tree_of(RowIndex root) const {
    std::vector<RowIndex> tree{root};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        for (RowIndex at = rows_.at(tree[i]).first_dependency; at != kNoRow;
             at = rows_.at(at).next_dependency) {
            tree.push_back(at);
        }
    }
    return tree;
}

std::size_t Schedules::tree_bytes(const std::vector<RowIndex>& tree) const {
    std::size_t bytes = 0;
    for (const RowIndex index : tree) {
        const ScheduleRow& row = rows_.at(index);
        const Run* const run = deployments_.find(deployment_of(row.id));
        bytes += kScheduleBytes + (row.has_text ? text_bytes(texts_.at(index)) : 0) +
                 (run == nullptr ? 0 : run_bytes(*run));
    }
    return bytes;
}

// A tree leaves as a whole: none of it can be asked for by another that is still here.
void Schedules::forget(RowIndex root) {
    const auto tree = tree_of(root);
    finished_bytes_ -= tree_bytes(tree);
    for (const RowIndex index : tree) {
        const ScheduleRow& row = rows_.at(index);
        of_team(row).ended.remove({row.due_at, index});
        --of_status_[static_cast<std::size_t>(row.status)];
        indexes_.erase(row.id);
        if (row.has_text) texts_.erase(index);
        drop_values(row);
        forgotten_.push_back(row.id);
        rows_.remove(index);
    }
}

std::vector<ScheduleId> Schedules::take_forgotten() {
    return std::exchange(forgotten_, {});
}

std::vector<AppVersion> Schedules::take_unpinned() {
    return std::exchange(unpinned_, {});
}

std::vector<AppVersion> Schedules::take_deployed() {
    return std::exchange(deployed_, {});
}

// ---- Reading

RowIndex Schedules::find(ScheduleId id) const {
    const auto at = indexes_.find(id);
    return at == indexes_.end() ? kNoRow : at->second;
}

const ScheduleText& Schedules::text(RowIndex row) const {
    static const ScheduleText kNone;
    const auto at = texts_.find(row);
    return at == texts_.end() ? kNone : at->second;
}

namespace {

const DueQueue kNoQueue;

}  // namespace

const DueQueue& Schedules::open_of(TeamId team) const {
    const auto index = teams_.index_of(team);
    return index < of_team_.size() ? of_team_[index].open : kNoQueue;
}

const DueQueue& Schedules::ended_of(TeamId team) const {
    const auto index = teams_.index_of(team);
    return index < of_team_.size() ? of_team_[index].ended : kNoQueue;
}

const ScheduleUse& Schedules::use_of(TeamId team) const {
    static const ScheduleUse kNone;
    const auto index = teams_.index_of(team);
    return index < of_team_.size() ? of_team_[index].use : kNone;
}

const Schedules::OfApp& Schedules::of_app(const App& app) const {
    static const OfApp kNone;
    const auto at = of_app_.find(apps_.index_of(app.id));
    return at == of_app_.end() ? kNone : at->second;
}

std::optional<DueEntry> Schedules::next_wake(bool armed) const {
    const auto due = due_.first();
    const auto held = armed ? due_when_armed_.first() : std::nullopt;
    if (!due || !held) return due ? due : held;
    return std::min(*due, *held);
}

std::size_t Schedules::undecided(Instant now, bool armed) const {
    // All in due_when_armed_ are pending. Of due_, some run, and wait for their completion.
    std::size_t count = armed ? due_when_armed_.count_until(now, kCountedMax) : 0;
    std::size_t left = kCountedMax;
    for (auto entry = due_.begin(); entry != due_.end() && entry->at <= now && left > 0; --left) {
        if (is_pending(rows_.at(entry->row).status)) ++count;
        ++entry;
    }
    return std::min(count, kCountedMax);
}

void Schedules::add_to(Fingerprint& fingerprint) const {
    const Overloaded value_of{
        [this](NumberOf<Team> team) { return teams_.at(team).id; },
        [this](NumberOf<App> app) { return apps_.at(app).id; },
        [this](NumberOf<UserId> user) { return users_.at(user); },
        [this](NumberOf<std::string> word) -> const std::string& { return words_.at(word); },
        [this](NumberOf<Policies> number) -> const Policies& { return policies_.at(number); },
        [this](NumberOf<ScheduleRow> row) {
            return row == kNoRow ? ScheduleId{} : rows_.at(row).id;
        },
    };
    for (const auto& [id, index] : indexes_) {
        fingerprint.add_resolved("schedule", rows_.at(index), value_of);
    }
    for (const auto& [index, text] : texts_) {
        fingerprint.add("text", rows_.at(index).id, text);
    }
}

}  // namespace slipway
