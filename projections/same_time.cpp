#include "projections/same_time.h"

#include <algorithm>

namespace slipway {

namespace {

void add_at(const DueQueue& queue, const Schedules& schedules, Instant at, ScheduleId but,
            std::vector<ScheduleId>& found) {
    for (auto entry = queue.from({at, 0}); entry != queue.end() && entry->at == at; ++entry) {
        if (found.size() >= kSameTimeMax) return;
        const ScheduleId id = schedules.at(entry->row).id;
        const bool is_new = std::find(found.begin(), found.end(), id) == found.end();
        if (is_new && id != but) found.push_back(id);
    }
}

}  // namespace

void SameTime::add_others(const Schedules& of, const ScheduleRow& row,
                          std::vector<ScheduleId>& found) const {
    if (is_terminal(row.status) || row.at_once) return;
    const App& app = of.app_of(row);
    for (const Schedules* const schedules : {preview_, &schedules_}) {
        if (schedules == nullptr) continue;
        add_at(schedules->pending_of(app), *schedules, row.due_at, row.id, found);
        add_at(schedules->under_way_of(app), *schedules, row.due_at, row.id, found);
    }
}

}  // namespace slipway
