// A LogReader reads the records of a log out of its store and verifies what it reads: the checksum
// of each record, and over a range the chain of their digests. It changes nothing.
//
// Any thread may read.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/log_label.h"
#include "eventlog/log/record.h"
#include "eventlog/log/store.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace slipway {

// A record that owns its bytes.
struct StoredRecord {
    Position position;
    std::string payload;
    Digest digest;
};

class LogReader {
  public:
    // Returns false to see no more. An error ends the scan too, which returns it.
    using Visitor = std::function<Result<bool>(const Record&)>;

    // Reads the log in `store`, which says `label` of itself. The store outlives it.
    LogReader(const Store& store, const LogLabel& label) : store_(store), label_(label) {}
    LogReader(const LogReader&) = delete;
    LogReader& operator=(const LogReader&) = delete;
    virtual ~LogReader() = default;

    Uuid log_id() const { return label_.log_id; }
    // The end of what is durable.
    virtual Tail durable_end() const { return label_.tail; }
    Position durable() const { return durable_end().position; }

    // Errors: not_found, corruption, io.
    Result<StoredRecord> read(Position position) const;
    // As of the end of the record there; at 0, of the log's beginning.
    Result<Digest> digest_at(Position position) const;

    // Shows `visit` each record in [from, to], which must be durable, in order; the chain is
    // checked. Errors: those of `visit`; corruption, which names the position; io.
    Result<void> scan(Position from, Position to, const Visitor& visit) const;

    // Positions of a stream from version `from` on, or from it back: from the last one that there
    // is, if it has not got so far.
    Result<std::vector<Position>> stream_positions(Uuid stream, Version from, std::size_t limit,
                                                   Order order) const;
    // Positions of a team's events after `after`.
    Result<std::vector<Position>> team_positions(Uuid team, Position after,
                                                 std::size_t limit) const;

    // How many keys each index has, for comparing with the events. Slow. Errors: corruption, io.
    struct IndexCounts {
        std::uint64_t streams = 0;
        std::uint64_t teams = 0;
    };
    Result<IndexCounts> count_indexes() const;

    StoreFigures store_figures() const { return store_.figures(); }

  private:
    Position first_damaged(Position from, Position to, Digest previous) const;

    const Store& store_;
    const LogLabel label_;
};

}  // namespace slipway
