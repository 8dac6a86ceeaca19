// LogLosses collects what a salvage cannot prove of a damaged log: the records that were set aside,
// how far the log went, which positions are lost, and the teams and objects that they belong to.
//
// Not thread-safe.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/events/event.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_wreck.h"
#include "eventlog/log/loss.h"
#include "tools/log_reading/position_ranges.h"
#include "tools/log_reading/proven_chain.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class LogLosses {
  public:
    // The bytes under the key of `position` are no whole record.
    void add_damaged(Position position, std::string_view bytes);
    // The record is whole, and its event does not decode.
    void add_undecodable(Position position);
    // The record is good, and follows from nothing that is proved.
    void set_aside(const Candidate& candidate, const RecordedEvent& recorded);

    // Finds out how far the log went, by what else there is of it, and then what is affected.
    // Call it once all records were added. Errors: corruption, io.
    Result<void> find(const Wreck& wreck, Position proved, const std::optional<Tail>& anchor);

    // The object that `recorded` is about has a name that people know.
    void name_object(const RecordedEvent& recorded);

    // After find().
    bool has_loss() const { return last_ > proved_; }
    // Requires: has_loss().
    Loss loss() const { return {Position{proved_.value + 1}, last_}; }
    bool has_aside() const { return !aside_.is_empty(); }

    // Lines of the report. `lines` is the file with what was set aside; without an anchor nobody
    // knows how far the log went.
    std::string text(const std::string& lines, bool has_anchor) const;

  private:
    // An object that lost events, by the positions where an index still has them.
    struct Affected {
        std::string name;
        std::set<Position> positions;
    };

    Result<void> find_end(const Wreck& wreck, const std::optional<Tail>& anchor);
    Result<void> find_affected(const Wreck& wreck);

    Position proved_;                    // the last that is
    Position last_;                      // that is known to have been there
    PositionRanges aside_;               // what was set aside
    std::vector<PositionRanges> runs_;   // of these, those that follow from one another
    std::optional<Tail> aside_last_;     // whether the next one follows from it
    std::map<Position, int> mentioned_;  // where there is no checksum: how often
    std::map<Uuid, Affected> streams_;
    std::map<Uuid, Affected> teams_;
};

}  // namespace slipway
