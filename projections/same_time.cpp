#include "projections/same_time.h"

namespace slipway {

void SameTime::add(const Schedules& schedules, TeamId team, Instant at, ByApp& found) {
    const DueQueue& open = schedules.open_of(team);
    for (auto entry = open.from({at, 0}); entry != open.end() && entry->at == at; ++entry) {
        const ScheduleRow& row = schedules.at(entry->row);
        if (row.at_once) continue;
        auto& ids = found[row.app];
        // One of them may be who asks.
        if (ids.size() <= kSameTimeMax) ids.push_back(row.id);
    }
}

std::vector<ScheduleId> SameTime::others(const Schedules& of, const ScheduleRow& row) {
    if (is_terminal(row.status) || row.at_once) return {};
    const TeamId team = of.team_of(row);
    const auto [at, is_new] = at_.try_emplace({team, row.due_at.time_since_epoch().count()});
    if (is_new) {
        add(schedules_, team, row.due_at, at->second);
        if (preview_ != nullptr) add(*preview_, team, row.due_at, at->second);
    }
    std::vector<ScheduleId> ids;
    for (const ScheduleId id : at->second[row.app]) {
        if (id != row.id && ids.size() < kSameTimeMax) ids.push_back(id);
    }
    return ids;
}

}  // namespace slipway
