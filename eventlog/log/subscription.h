// A catch-up subscription: one reader's way through a team's events, from a position to the durable
// end, and on as that moves. It is pulled and keeps nothing but its place: a reader that is slow
// costs nothing, and one that comes back with its place misses nothing. To be told when there is
// more, see EventLog::on_durable.

#pragma once

#include "eventlog/log/event_log.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace slipway {

class Subscription {
  public:
    // To the events of `team` after `after`. The log must live longer.
    Subscription(const EventLog& log, Uuid team, Position after);

    // The next records, in order, at most `limit`, and none after `bytes_max` of payload; none: it
    // has caught up. What was returned is durable. After an error it stands where it stood. Errors:
    // corruption, io.
    Result<std::vector<StoredRecord>> next(std::size_t limit, std::size_t bytes_max = SIZE_MAX);

    // All up to here was returned, or is of another team.
    Position position() const { return position_; }

  private:
    const EventLog& log_;
    Uuid team_;
    Position position_;
};

}  // namespace slipway
