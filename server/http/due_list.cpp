#include "server/http/due_list.h"

#include "projections/schedules.h"

#include <algorithm>
#include <charconv>

namespace slipway {

namespace {

std::string cursor_of(const DueEntry& last) {
    return std::to_string(last.at.time_since_epoch().count()) + "-" + std::to_string(last.row);
}

std::optional<DueEntry> entry_of_cursor(std::string_view cursor) {
    std::int64_t millis = 0;
    std::uint32_t row = 0;
    const char* const end = cursor.data() + cursor.size();
    const auto first = std::from_chars(cursor.data(), end, millis);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, row);
    if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
    if (row == kNoRow) return std::nullopt;  // nothing comes after it
    return DueEntry{Instant{Millis{millis}}, row};
}

// What is in [low, high) of one queue, in the order of the list.
class Walk {
  public:
    Walk(const DueQueue& queue, DueEntry low, DueEntry high, bool newest_first)
        : newest_first_(newest_first), first_(queue.from(low)), last_(queue.from(high)) {}

    std::optional<DueEntry> next() const {
        if (first_ == last_) return std::nullopt;
        return newest_first_ ? *std::prev(last_) : *first_;
    }
    void take() {
        if (newest_first_) {
            --last_;
        } else {
            ++first_;
        }
    }

  private:
    using Place = decltype(std::declval<const DueQueue&>().begin());

    bool newest_first_;
    Place first_;
    Place last_;
};

std::vector<Walk> walks_of(std::initializer_list<const DueQueue*> queues, const DueRange& range) {
    DueEntry low{range.from.value_or(Instant::min()), 0};
    DueEntry high{Instant::max(), 0};
    if (range.to && *range.to < Instant::max()) high.at = *range.to + Millis{1};
    if (range.after && range.newest_first) high = std::min(high, *range.after);
    if (range.after && !range.newest_first) {
        low = std::max(low, DueEntry{range.after->at, range.after->row + 1});
    }
    std::vector<Walk> walks;
    if (high < low) return walks;
    for (const DueQueue* const queue : queues) {
        walks.emplace_back(*queue, low, high, range.newest_first);
    }
    return walks;
}

// The walk whose next entry comes first; null if all have ended.
Walk* nearest_of(std::vector<Walk>& walks, bool newest_first) {
    Walk* nearest = nullptr;
    for (Walk& walk : walks) {
        if (!walk.next()) continue;
        const bool nearer = nearest == nullptr || (newest_first ? *nearest->next() < *walk.next()
                                                                : *walk.next() < *nearest->next());
        if (nearer) nearest = &walk;
    }
    return nearest;
}

}  // namespace

DueRange read_range(Filters& filters, bool newest_first) {
    DueRange range;
    range.from = filters.instant("from");
    range.to = filters.instant("to");
    range.newest_first = newest_first;
    if (const std::string* const sort = filters.text("sort")) {
        range.newest_first = *sort == "-due_at";
        if (*sort != "due_at" && *sort != "-due_at") {
            filters.fail("sort", "is " + in_quotes(*sort) + "; due_at or -due_at");
        }
    }
    if (const std::string* const cursor = filters.text("cursor")) {
        range.after = entry_of_cursor(*cursor);
        if (!range.after) filters.fail("cursor", "is not one that a list answered");
    }
    range.limit = filters.limit();
    return range;
}

DuePage pick(std::initializer_list<const DueQueue*> queues, const DueRange& range,
             const std::function<bool(std::uint32_t)>& wants) {
    std::vector<Walk> walks = walks_of(queues, range);
    DuePage page;
    std::optional<DueEntry> last;
    std::size_t looked_at = 0;
    while (Walk* const walk = nearest_of(walks, range.newest_first)) {
        if (page.rows.size() == range.limit || looked_at == kRowsPerPageMax) {
            page.next_cursor = cursor_of(*last);
            break;
        }
        last = walk->next();
        walk->take();
        ++looked_at;
        if (wants(last->row)) page.rows.push_back(last->row);
    }
    return page;
}

}  // namespace slipway
