#include "server/domain/reresolution.h"

#include "eventlog/base/check.h"
#include "server/domain/planned_time.h"

#include <algorithm>

namespace slipway {

namespace {

// A held schedule whose instant has passed waits for a person, who lets it run at once or not at
// all: its instant stays.
bool is_to_come(ScheduleStatus status, Instant due_at, Instant now) {
    return status == ScheduleStatus::scheduled || (status == ScheduleStatus::held && due_at > now);
}

// The schedule whose own wall clock gives `row` its instant: itself, or the top of its parents.
RowIndex root_of(const State& state, RowIndex row) {
    while (follows_parent(state, state.schedules().at(row))) {
        row = state.schedules().at(row).parent;
    }
    return row;
}

// One tree of schedules, moved to the instants of the rules in force from its root down.
class Tree {
  public:
    Tree(const State& state, const Context& context, Plan& plan)
        : state_(state), schedules_(state.schedules()), context_(context), plan_(plan) {}

    void settle(RowIndex root, const Zone& zone) {
        move_root(root, zone);
        move_dependencies(root, zone);
        for (const RowIndex row : moved_) {
            if (leaps_into_past(row)) plan_.miss_moved(row);
        }
    }

    bool has_moved(RowIndex row) const {
        return std::find(moved_.begin(), moved_.end(), row) != moved_.end();
    }

  private:
    // A schedule that had passed before is late, and is judged as that when it is woken.
    bool leaps_into_past(RowIndex row) const {
        return plan_.status(row) == ScheduleStatus::scheduled &&
               schedules_.at(row).due_at > context_.now && plan_.due_at(row) <= context_.now;
    }

    bool is_to_come(RowIndex row) const {
        return slipway::is_to_come(plan_.status(row), plan_.due_at(row), context_.now);
    }

    void move(RowIndex row, const PlannedTime& time) {
        const ScheduleRow& known = schedules_.at(row);
        plan_.move(row, DueTimeReresolved{known.id, known.due_at, time.due_at, time.wall_clock,
                                          time.resolution, time.utc_offset_seconds,
                                          std::string{context_.zones.version()}, time.timezone});
        moved_.push_back(row);
    }

    void move_root(RowIndex root, const Zone& zone) {
        const ScheduleRow& known = schedules_.at(root);
        // With the rules in force already, its instant is right.
        if (!is_to_come(root) || schedules_.tzdb_version(known) == context_.zones.version()) return;
        const auto occurrence = moved_occurrence(known, zone);
        if (!occurrence && schedules_.timezone(known) == zone.canonical) return;
        PlannedTime time;
        time.wall_clock = known.wall_clock;
        time.timezone = zone.canonical;
        time.due_at = occurrence ? occurrence->due : known.due_at;
        time.resolution = occurrence ? occurrence->resolution : known.resolution;
        time.utc_offset_seconds =
            occurrence ? occurrence->offset : Seconds{known.utc_offset_seconds};
        move(root, time);
    }

    // The lead is elapsed time before the parent, over a change of the clocks too.
    void move_dependencies(RowIndex parent, const Zone& zone) {
        for (const RowIndex row : plan_.dependencies(parent)) {
            const ScheduleRow& known = schedules_.at(row);
            if (!is_to_come(row)) continue;
            const Instant due_at = plan_.due_at(parent) - Seconds{known.lead_seconds};
            // Its lead began in the past when it was made, and still does: it starts at once.
            if (known.lead_shortened && due_at <= context_.now) continue;
            const Zone own = zone_of(state_, known, context_.zones).value_or(zone);
            // It is there already if it stayed behind when its parent moved away, which now comes
            // back.
            if (due_at != known.due_at || schedules_.timezone(known) != own.canonical) {
                move(row, time_at(due_at, own, context_.zones.version()));
            }
            move_dependencies(row, zone);
        }
    }

    const State& state_;
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
    return is_to_come(row.status, row.due_at, now) &&
           state.schedules().tzdb_version(row) != zones.version() && !follows_parent(state, row);
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

bool is_settled(const State& state, const ScheduleRow& row, const Zone& zone) {
    return state.schedules().timezone(row) == zone.canonical && !moved_occurrence(row, zone);
}

bool reresolve(const State& state, RowIndex row, const Context& context, Plan& plan) {
    const Schedules& schedules = state.schedules();
    if (schedules.tzdb_version(schedules.at(row)) == context.zones.version()) return false;
    const RowIndex root = root_of(state, row);
    const auto zone = zone_of(state, schedules.at(root), context.zones);
    if (!zone) return false;
    Tree tree{state, context, plan};
    tree.settle(root, *zone);
    return tree.has_moved(row);
}

void reresolve_released(const State& state, RowIndex row, const std::vector<RowIndex>& along,
                        const Context& context, Plan& plan) {
    const Schedules& schedules = state.schedules();
    const auto has_older_rules = [&](RowIndex of) {
        return schedules.tzdb_version(schedules.at(of)) != context.zones.version();
    };
    const auto older = std::find_if(along.begin(), along.end(), has_older_rules);
    if (has_older_rules(row)) {
        reresolve(state, row, context, plan);
    } else if (older != along.end()) {
        // It hangs in the same tree.
        reresolve(state, *older, context, plan);
    }
}

}  // namespace slipway
