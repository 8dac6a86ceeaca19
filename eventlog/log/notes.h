// Notes are values beside the records. A note becomes durable together with one unit of the log, or
// not at all. It proves nothing and is in no digest.
//
// A note is found for at least kNoteAgeMax, however the wall clock jumps (note_days.h). Then
// it is outdated: a few of those are removed with each new one, so that nobody waits for a sweep.
//
// One thread keeps notes, the one that appends; any thread may look for them.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/base/time.h"
#include "eventlog/log/group_commit.h"
#include "eventlog/log/note_days.h"
#include "eventlog/log/store.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class Notes {
  public:
    // Of the log in `store`, whose units go through `commits`. Both outlive it.
    Notes(const Store& store, GroupCommit& commits) : store_(store), commits_(commits) {}

    // Finds the days that have notes; call it first. Errors: corruption, io.
    Result<void> read() { return days_.read(store_); }

    // Keeps `value` under `name` beside the unit that ends at `unit`. `now` is by the wall clock,
    // `steady` by one that is never set.
    // Requires: the unit was appended while `together` lived.
    void keep(const GroupCommit::Together& together, Position unit, std::string_view name,
              std::string value, Instant now, std::chrono::nanoseconds steady);

    // The durable note of that name that `counts`; without it, any. Of several days' notes the
    // newest day's comes first: by a clock that was set back a later one may be on an earlier day.
    // Errors: not_found (never noted, or long ago), corruption, io.
    Result<std::string> find(std::string_view name,
                             const std::function<bool(const std::string&)>& counts = {}) const;

  private:
    std::vector<std::string> some_outdated();

    const Store& store_;
    GroupCommit& commits_;
    NoteDays days_;
    std::string swept_;  // the outdated note that was removed last; the appending thread's
};

}  // namespace slipway
