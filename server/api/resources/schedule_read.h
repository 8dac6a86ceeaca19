// Schedules as the API shows them, written in as many turns of the io thread as that takes: a tree
// may have some 30 MB.

#pragma once

#include "projections/attempt_details.h"
#include "projections/finished.h"
#include "projections/render.h"
#include "server/api/page_read.h"
#include "server/api/services.h"

#include <functional>
#include <memory>
#include <optional>

namespace slipway {

// A schedule of the state, written in steps while the state may change.
class ScheduleWriting {
  public:
    // `engine` and `json` outlive it. `more` as ScheduleWriter.
    ScheduleWriting(const Engine& engine, JsonWriter& json, RowIndex row,
                    std::function<void()> more = {});
    ScheduleWriting(const ScheduleWriting&) = delete;
    ScheduleWriting& operator=(const ScheduleWriting&) = delete;

    // Goes on by a step. Gone: its tree left the memory meanwhile. Errors: those of the log, which
    // has the texts of old attempts.
    Result<PageRead::Writing> step();

  private:
    const State& state_;
    const ScheduleId id_;
    const RowIndex row_;
    const SameTime same_time_;
    AttemptDetails details_;
    ScheduleWriter writer_;
};

// {"result": …} with a schedule of the state. `more`, if there is one, writes further members at
// its end. If the tree leaves the memory meanwhile, it is read from the log.
Reply show_schedule(const Call& call, RowIndex row, std::function<void(JsonWriter&)> more = {});

// The same of one that was read from the log.
Reply show_schedule(const Call& call, std::shared_ptr<const Finished> finished);

// What a change of the schedule answers. With an Idempotency-Key it is written at once if its tree
// takes kTreeBytesKept at most. The answer of a larger one is not kept: a repetition is shown the
// schedule as it is then.
inline constexpr std::size_t kTreeBytesKept = 256 * 1024;
Reply show_changed_schedule(const Call& call, RowIndex row,
                            std::function<void(JsonWriter&)> more = {});

}  // namespace slipway
