// The due queue: which schedule the timer must look at next, and when. Each schedule stands in it
// once at most. Ties are in order of row, so that the same history gives the same order.

#pragma once

#include "eventlog/base/check.h"
#include "eventlog/base/time.h"

#include <absl/container/btree_set.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace slipway {

struct DueEntry {
    Instant at;
    std::uint32_t row = 0;
    friend auto operator<=>(const DueEntry&, const DueEntry&) = default;
};

class DueQueue {
  public:
    DueQueue() = default;
    // Requires: no entry stands in `entries` twice.
    explicit DueQueue(std::vector<DueEntry> entries) {
        std::sort(entries.begin(), entries.end());
        entries_.insert(entries.begin(), entries.end());
        CHECK(entries_.size() == entries.size());
    }

    void add(DueEntry entry) { CHECK(entries_.insert(entry).second); }
    void remove(DueEntry entry) { CHECK(entries_.erase(entry) == 1); }

    std::optional<DueEntry> first() const {
        if (entries_.empty()) return std::nullopt;
        return *entries_.begin();
    }
    std::size_t size() const { return entries_.size(); }

    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }
    auto from(DueEntry entry) const { return entries_.lower_bound(entry); }

    // How many stand at `until` or earlier, or `max` if they are more. A step for each.
    std::size_t count_until(Instant until, std::size_t max) const {
        std::size_t count = 0;
        for (auto at = begin(); at != end() && at->at <= until && count < max; ++at) ++count;
        return count;
    }

  private:
    absl::btree_set<DueEntry> entries_;
};

}  // namespace slipway
