// One page of a list in order of due instants. A page is what is wanted of a stretch of the order,
// so it stays right while rows come and go: a row that stays is on one page, and on one only.

#pragma once

#include "projections/due_queue.h"
#include "server/api/exchange.h"
#include "server/api/page_read.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace slipway {

// Rows that are looked at for one page.
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

// Which rows a list shows, and how. An error of `write` is the reply.
struct DueRows {
    // Writes on a row that was begun.
    using Rest = std::function<Result<PageRead::Writing>()>;

    std::function<bool(std::uint32_t row)> wants;
    // Writes a row, or begins to and returns the rest.
    std::function<Result<Rest>(JsonWriter& json, std::uint32_t row)> write;
    bool ended_too = false;  // also what ended and is still in memory
};

// The queues that a list is read from. Asked for in each turn, since rows come and go.
using DueQueues = std::function<std::vector<const DueQueue*>()>;

// A page of what is in `queues`. `request` outlives it.
std::shared_ptr<PageRead> due_page(const Request& request, const DueRange& range, DueQueues queues,
                                   DueRows rows);

// A page of the caller's team's rows.
Reply read_due(const Call& call, const DueRange& range, DueRows rows);

}  // namespace slipway
