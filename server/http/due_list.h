// One page of a list in order of due instants. A page is what is wanted of a stretch of the order,
// so it stays right while rows come and go: a row that stays is on one page, and on one only. What
// is looked at for one page has a limit, so that a filter that fits few does not keep the timer
// waiting; such a page is short, and says where to go on.

#pragma once

#include "projections/due_queue.h"
#include "server/http/exchange.h"

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

inline constexpr std::size_t kRowsPerPageMax = 20'000;

struct DueRange {
    std::optional<Instant> from;
    std::optional<Instant> to;
    std::optional<DueEntry> after;  // in the order of the list
    bool newest_first = false;
    std::size_t limit = kPageDefault;
};

// from, to, cursor, limit, and sort=due_at or -due_at.
DueRange read_range(Filters& filters, bool newest_first);

struct DuePage {
    std::vector<std::uint32_t> rows;
    std::string next_cursor;  // empty: there is nothing more
};

DuePage pick(std::initializer_list<const DueQueue*> queues, const DueRange& range,
             const std::function<bool(std::uint32_t)>& wants);

}  // namespace slipway
