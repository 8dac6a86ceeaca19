// LogProof proves that a log is whole before it is opened. Opening a store changes its files, so a
// copy is proven first: a refusal has changed nothing. It says which position is wrong and what to
// do.
//
//   of() ─► replay() ─► open()
//
//   auto proof = LogProof::of(std::move(place));    what the log says of itself, and the anchor
//   proof->replay(known, visit);                    the records after `known`
//   auto log = proof->open(clock, options);         the log that was proven
//
// The tail, the last record, the chain of digests and the anchor must agree, and there is no hole.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/result.h"
#include "eventlog/log/event_log.h"
#include "eventlog/log/log_label.h"
#include "eventlog/log/log_place.h"
#include "eventlog/log/log_reader.h"

#include <memory>
#include <optional>

namespace slipway {

class LogProof {
  public:
    // Begins the proof of the log at `place`. Errors: corruption, invalid (another format),
    // disk_low, io.
    static Result<LogProof> of(std::unique_ptr<LogPlace> place);

    // The log as it was found: nothing of it is proven yet. Gone after open().
    const LogReader& log() const { return *copy_reader_; }

    // See LogPlace.
    PlaceWatch& places() { return place_->places(); }

    // Proves the log, and shows each record after `known` to `visit`, if there is one. The caller
    // knows the digest of the record at `known` and vouches for those before it: they are not read.
    // Errors: those of `visit`; corruption, which names the position; io.
    Result<void> replay(Position known, const LogReader::Visitor& visit = {});

    // Opens the log. `clock` tells how old the anchor is; the log keeps no time of its own.
    // Requires: replay() succeeded. Errors: corruption, disk_low, io.
    Result<std::unique_ptr<EventLog>> open(const Clock& clock, const EventLog::Options& options);

  private:
    LogProof(std::unique_ptr<LogPlace> place, const Tail& anchor, std::unique_ptr<Store> copy,
             const LogLabel& label);

    Result<void> check_anchor(const Digest& digest) const;

    // From the last to go to the first.
    std::unique_ptr<LogPlace> place_;
    Tail anchor_;
    LogLabel label_;
    std::unique_ptr<Store> copy_;
    std::unique_ptr<LogReader> copy_reader_;
    bool is_proven_ = false;
};

// The label in `store`. Where that is damaged and a record up to `end` is, too, the error names the
// record: it says more, since a label lies in one block with records. `kept` is the id of the log
// as it is kept outside of the store, if it is. Errors: corruption, invalid, io.
Result<LogLabel> read_label_or_damage(const Store& store, std::optional<Uuid> kept, Position end);

}  // namespace slipway
