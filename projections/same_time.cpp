#include "projections/same_time.h"

namespace slipway {

template <class Visit>
void SameTime::each(TeamId team, Instant at, const Visit& visit) const {
    for (const Schedules* const schedules : {preview_, &schedules_}) {
        if (schedules == nullptr) continue;
        const DueQueue& open = schedules->open_of(team);
        std::size_t left = kSameTimeLookedAt;
        for (auto entry = open.from({at, 0}); entry != open.end() && entry->at == at; ++entry) {
            const ScheduleRow& row = schedules->at(entry->row);
            if (left-- == 0 || (!row.at_once && !visit(row))) break;
        }
    }
}

std::vector<ScheduleId> SameTime::others(const Schedules& of, const ScheduleRow& row) {
    if (is_terminal(row.status) || row.at_once) return {};
    const TeamId team = of.team_of(row);
    AtInstant& known = at_[{team, row.due_at.time_since_epoch().count()}];
    std::vector<ScheduleId> ids;
    const auto take = [&](ScheduleId id) {
        if (id != row.id && ids.size() < kSameTimeMax) ids.push_back(id);
        return ids.size() < kSameTimeMax;
    };
    if (++known.asked == 1) {
        each(team, row.due_at,
             [&](const ScheduleRow& other) { return other.app != row.app || take(other.id); });
        return ids;
    }
    if (known.asked == 2) {
        each(team, row.due_at, [&](const ScheduleRow& other) {
            auto& same = known.by_app[other.app];
            // One of them may be who asks.
            if (same.size() <= kSameTimeMax) same.push_back(other.id);
            return true;
        });
    }
    for (const ScheduleId id : known.by_app[row.app]) take(id);
    return ids;
}

}  // namespace slipway
