// Schedules that ended long ago are not in memory any more. This reads one of them back from the
// log, with the whole tree that it belonged to.

#pragma once

#include "eventlog/log/event_log.h"
#include "projections/render.h"
#include "projections/state.h"

#include <memory>

namespace slipway {

class Finished {
  public:
    // Null if the log has no such schedule. Errors: corruption, io.
    static Result<std::unique_ptr<Finished>> read(const EventLog& log, const State& state,
                                                  ScheduleId id);

    ScheduleView view() const { return {schedules_, deployments_}; }
    RowIndex row() const { return row_; }

  private:
    explicit Finished(const State& state) : schedules_(state.teams(), state.apps(), deployments_) {}

    Result<void> read_tree(const EventLog& log, Position first);

    Deployments deployments_;
    Schedules schedules_;
    RowIndex row_ = kNoRow;
};

}  // namespace slipway
