// Schedules that ended long ago are not in memory any more. This reads one of them back from the
// log, with the whole tree that it belonged to: up to 201 streams with hundreds of events each, so
// it is read in steps.

#pragma once

#include "eventlog/log/event_log.h"
#include "projections/render.h"
#include "projections/state.h"

#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace slipway {

class Finished {
  public:
    // Looks for `id`. Both outlive this.
    Finished(const EventLog& log, const State& state, ScheduleId id)
        : log_(log),
          id_(id),
          root_(id.uuid),
          schedules_(state.teams(), state.apps(), deployments_) {}
    Finished(const Finished&) = delete;
    Finished& operator=(const Finished&) = delete;

    // Reads on by one event, or by kPositionsPerStep positions. Returns whether there is more to
    // read. Errors: corruption, io.
    Result<bool> step();

    // What was read, once step() has returned false. The row is kNoRow if the log has no such
    // schedule.
    ScheduleView view() const { return {schedules_, deployments_}; }
    RowIndex row() const { return schedules_.find(id_); }

  private:
    static constexpr std::size_t kPositionsPerStep = 1'000;

    enum class Stage : std::uint8_t { find_root, list_members, list_stream, apply };

    Result<bool> find_root();
    Result<bool> list_member();
    Result<bool> list_stream();
    Result<bool> apply_next();
    bool begin_applying();

    const EventLog& log_;
    const ScheduleId id_;
    Stage stage_ = Stage::find_root;
    Uuid root_;
    Position member_;                  // where the next member of the tree may begin
    Uuid stream_;                      // of the member whose events are listed
    absl::flat_hash_set<Uuid> tree_;   // the members so far
    bool is_last_ = false;             // member of the tree
    std::size_t listed_ = 0;           // events of that stream
    std::vector<Position> positions_;  // of all events of the tree
    std::size_t applied_ = 0;
    Deployments deployments_;
    Schedules schedules_;
};

}  // namespace slipway
