#include "server/api/resources/due_list.h"

#include "projections/schedules.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

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

// A page in the making. Between two turns rows may come and go: it goes on after the last one.
class DueRead final : public PageRead {
  public:
    DueRead(const Request& request, const DueRange& range, DueQueues queues, DueRows rows)
        : PageRead(request, range.limit),
          range_(range),
          queues_(std::move(queues)),
          rows_(std::move(rows)) {}

  protected:
    void resume() override;
    Result<Found> find(const Turn& turn) override;
    Result<bool> take(JsonWriter& json) override;
    std::string cursor() const override { return cursor_of(*range_.after); }
    Result<Writing> write_on() override {
        if (!rest_) return Writing::done;
        return rest_();
    }
    bool is_enough() const override { return looked_at_ >= kRowsPerPageMax; }

  private:
    DueRange range_;  // what is left of it
    DueQueues queues_;
    DueRows rows_;
    std::vector<Walk> walks_;  // of this turn
    Walk* nearest_ = nullptr;
    DueRows::Rest rest_;  // of the row that was taken last
    std::size_t looked_at_ = 0;
};

void DueRead::resume() {
    DueEntry low{range_.from.value_or(Instant::min()), 0};
    DueEntry high{Instant::max(), 0};
    if (range_.to && *range_.to < Instant::max()) high.at = *range_.to + Millis{1};
    if (range_.after && range_.newest_first) high = std::min(high, *range_.after);
    if (range_.after && !range_.newest_first) {
        low = std::max(low, DueEntry{range_.after->at, range_.after->row + 1});
    }
    walks_.clear();
    if (high < low) return;
    for (const DueQueue* const queue : queues_()) {
        walks_.emplace_back(*queue, low, high, range_.newest_first);
    }
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

Result<PageRead::Found> DueRead::find(const Turn&) {
    nearest_ = nearest_of(walks_, range_.newest_first);
    return nearest_ == nullptr ? Found::end : Found::row;
}

Result<bool> DueRead::take(JsonWriter& json) {
    range_.after = nearest_->next();
    nearest_->take();
    ++looked_at_;
    const std::uint32_t row = range_.after->row;
    if (!rows_.wants(row)) return false;
    auto rest = rows_.write(json, row);
    if (!rest) return rest.error();
    rest_ = std::move(*rest);
    return true;
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

std::shared_ptr<PageRead> due_page(const Request& request, const DueRange& range, DueQueues queues,
                                   DueRows rows) {
    return std::make_shared<DueRead>(request, range, std::move(queues), std::move(rows));
}

Reply read_due(const Call& call, const DueRange& range, DueRows rows) {
    const auto queues = [&call, ended_too = rows.ended_too] {
        const Schedules& schedules = call.state().schedules();
        std::vector<const DueQueue*> found{&schedules.open_of(call.team())};
        if (ended_too) found.push_back(&schedules.ended_of(call.team()));
        return found;
    };
    return reading(call, due_page(call.request, range, queues, std::move(rows)));
}

}  // namespace slipway
