#include "server/domain/reresolution.h"

#include "eventlog/base/check.h"
#include "server/domain/planned_time.h"

#include <algorithm>

namespace slipway {

namespace {

// What is held and has passed waits for a person, who lets it run at once or not at all.
bool is_to_come(const ScheduleRow& row, Instant now) {
    return row.status == ScheduleStatus::scheduled ||
           (row.status == ScheduleStatus::held && row.due_at > now);
}

// `row` and what gives it its time.
std::vector<RowIndex> way_up(const State& state, RowIndex row) {
    std::vector<RowIndex> way{row};
    while (follows_parent(state, state.schedules().at(way.back()))) {
        way.push_back(state.schedules().at(way.back()).parent);
    }
    return way;
}

// One tree, from what gives it its time down.
class Tree {
  public:
    Tree(const State& state, const Context& context, Plan& plan)
        : schedules_(state.schedules()), context_(context), plan_(plan) {}

    void move_tree(RowIndex root, const Zone& zone, const Occurrence& to) {
        const ScheduleRow& known = schedules_.at(root);
        PlannedTime time;
        time.wall_clock = known.wall_clock;
        time.due_at = to.due;
        time.resolution = to.resolution;
        time.utc_offset_seconds = to.offset;
        move(root, time);
        move_dependencies(root, to.due, zone);
        for (const RowIndex row : moved_) {
            if (leaps_into_past(row)) plan_.miss_moved(row);
        }
    }

    bool has_moved(RowIndex row) const {
        return std::find(moved_.begin(), moved_.end(), row) != moved_.end();
    }

  private:
    // What had passed before is late, and is judged as that when it is woken.
    bool leaps_into_past(RowIndex row) const {
        return plan_.status(row) == ScheduleStatus::scheduled &&
               schedules_.at(row).due_at > context_.now && plan_.due_at(row) <= context_.now;
    }

    void move(RowIndex row, const PlannedTime& time) {
        const ScheduleRow& known = schedules_.at(row);
        plan_.move(row, DueTimeReresolved{known.id, known.due_at, time.due_at, time.wall_clock,
                                          time.resolution, time.utc_offset_seconds,
                                          std::string{context_.zones.version()}});
        moved_.push_back(row);
    }

    // Elapsed time before the parent, over a change of the clocks too.
    void move_dependencies(RowIndex parent, Instant parent_due, const Zone& zone) {
        for (const RowIndex row : plan_.dependencies(parent)) {
            const ScheduleRow& known = schedules_.at(row);
            if (!is_to_come(known, context_.now)) continue;
            const Instant due_at = parent_due - Seconds{known.lead_seconds};
            // Its lead began in the past when it was made, and still does: it starts at once.
            if (known.lead_shortened && due_at <= context_.now) continue;
            // It stayed behind when its parent moved away, which now comes back.
            if (due_at != known.due_at) move(row, time_at(due_at, zone, context_.zones.version()));
            move_dependencies(row, due_at, zone);
        }
    }

    const Schedules& schedules_;
    const Context& context_;
    Plan& plan_;
    std::vector<RowIndex> moved_;
};

}  // namespace

bool follows_parent(const State& state, const ScheduleRow& row) {
    return row.parent != kNoRow && is_pending(state.schedules().at(row.parent).status);
}

bool may_move(const State& state, const ScheduleRow& row, Instant now, const Zones& zones) {
    return is_to_come(row, now) && state.schedules().tzdb_version(row) != zones.version() &&
           !follows_parent(state, row);
}

std::optional<Zone> zone_of(const State& state, const ScheduleRow& row, const Zones& zones) {
    const auto given = zones.find(state.schedules().original_timezone(row));
    return given ? given : zones.find(state.schedules().timezone(row));
}

std::optional<Occurrence> moved_occurrence(const ScheduleRow& row, const Zone& zone) {
    // What was to be refused had been accepted: it is not refused afterwards.
    const auto wanted = row.disambiguation == Disambiguation::reject ? Disambiguation::compatible
                                                                     : row.disambiguation;
    auto found = std::get<Occurrence>(resolve(row.wall_clock, *zone.rules, wanted));
    // Of a dependency nobody chose it: it was the later of the two, and it stays the later.
    if (row.resolution == Resolution::overlap_later &&
        found.resolution == Resolution::overlap_earlier) {
        found = std::get<Occurrence>(resolve(row.wall_clock, *zone.rules, Disambiguation::later));
    }
    if (found.due == row.due_at || found.due > kDueMax) return std::nullopt;
    return found;
}

bool reresolve(const State& state, RowIndex row, const Context& context, Plan& plan) {
    // What gives it its time has no older rules than itself.
    if (state.schedules().tzdb_version(state.schedules().at(row)) == context.zones.version()) {
        return false;
    }
    const std::vector<RowIndex> way = way_up(state, row);
    const ScheduleRow& root = state.schedules().at(way.back());
    if (!may_move(state, root, context.now, context.zones)) return false;
    const auto zone = zone_of(state, root, context.zones);
    if (!zone) return false;
    const auto moved = moved_occurrence(root, *zone);
    if (!moved) return false;
    Tree tree{state, context, plan};
    tree.move_tree(way.back(), *zone, *moved);
    return tree.has_moved(row);
}

}  // namespace slipway
