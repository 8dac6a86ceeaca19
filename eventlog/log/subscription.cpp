#include "eventlog/log/subscription.h"

#include <utility>

namespace slipway {

Subscription::Subscription(const EventLog& log, Uuid team, Position after)
    : log_(log), team_(team), position_(after) {}

Result<std::vector<StoredRecord>> Subscription::next(std::size_t limit, std::size_t bytes_max) {
    const auto positions = log_.team_positions(team_, position_, limit);
    if (!positions) return positions.error();
    // What is in the store may be ahead of what was acknowledged, never behind.
    const Position end = log_.durable();
    std::vector<StoredRecord> records;
    records.reserve(positions->size());
    std::size_t bytes = 0;
    for (const Position position : *positions) {
        if (position > end || bytes >= bytes_max) break;
        auto record = log_.read(position);
        if (!record) return record.error();
        bytes += record->payload.size();
        records.push_back(std::move(*record));
    }
    if (!records.empty()) position_ = records.back().position;
    return records;
}

}  // namespace slipway
