#include "server/api/lookup.h"

#include "server/api/conditional.h"
#include "server/api/problem.h"

namespace slipway {

Reply from_log(const Call& call, ScheduleId id, Reply missing,
               const std::function<Reply(const ScheduleView&, RowIndex)>& answer) {
    const auto read = Finished::read(call.services.engine.log(), call.state(), id);
    if (!read) return problem(call.request, read.error());
    const Finished* const finished = read->get();
    if (finished != nullptr && finished->row() != kNoRow) {
        const ScheduleView view = finished->view();
        const ScheduleRow& row = view.schedules.at(finished->row());
        // One that has not ended is in memory: this is its creation, not yet durable when it was
        // asked for.
        if (view.schedules.team_of(row) == call.team() && is_terminal(row.status)) {
            return answer(view, finished->row());
        }
    }
    return missing;
}

std::optional<Reply> stale(const Call& call, ScheduleId id) {
    const Schedules& schedules = call.state().schedules();
    const RowIndex row = schedules.find(id);
    if (row == kNoRow || schedules.team_of(schedules.at(row)) != call.team()) return std::nullopt;
    return stale(call, schedules.at(row).version);
}

}  // namespace slipway
