#include "tests/support/memory_store.h"

#include "eventlog/log/keys.h"

#include <algorithm>

namespace slipway {

Result<void> MemoryStore::commit(const WriteBatch& batch) {
    const std::lock_guard lock{mutex_};
    const auto tail = values_.find(kTailKey);
    const bool fits = batch.follows ? tail != values_.end() && tail->second == *batch.follows
                                    : tail == values_.end();
    if (!fits) return Error{ErrorCode::fenced, "store: the tail is not the one that is followed"};
    for (const auto& [key, value] : batch.puts) values_[key] = value;
    for (const auto& key : batch.removals) values_.erase(key);
    return {};
}

Result<std::string> MemoryStore::get(std::string_view key) const {
    const std::lock_guard lock{mutex_};
    const auto at = values_.find(key);
    if (at == values_.end()) return Error{ErrorCode::not_found, "store: no such key"};
    return at->second;
}

Result<void> MemoryStore::scan(std::string_view from, std::string_view to, Order order,
                               const Visitor& visit) const {
    std::vector<std::pair<std::string, std::string>> found;
    {
        const std::lock_guard lock{mutex_};
        found.assign(values_.lower_bound(from), values_.lower_bound(std::max(from, to)));
    }
    if (order == Order::newest_first) std::reverse(found.begin(), found.end());
    for (const auto& [key, value] : found) {
        if (!visit(key, value)) break;
    }
    return {};
}

}  // namespace slipway
