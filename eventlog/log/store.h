// The least that a place must do to hold a log: put a batch there as a whole, and give keys back in
// order. What the keys mean is not its business.

#pragma once

#include "eventlog/base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

struct WriteBatch {
    // What the tail key must hold now; nothing: it must not be there. A writer that was deposed, or
    // a second process, would find another.
    std::optional<std::string> follows;
    std::vector<std::pair<std::string, std::string>> puts;
    std::vector<std::string> removals = {};  // that a key is not there is no error
};

// What a store says of itself, for those who watch it.
struct StoreFigures {
    std::uint64_t memory_bytes = 0;
    std::uint64_t disk_bytes = 0;  // of what is sorted; what was written last is not counted yet
    std::uint64_t tables = 0;
};

enum class Order { ascending, newest_first };

// One thread commits; any thread may read.
class Store {
  public:
    // Returns false to see no more. The views live until it returns.
    using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

    virtual ~Store() = default;

    // Writes all of `batch` or nothing, and returns when it is on stable storage.
    //
    // Errors:
    //   fenced         the tail is not the one that `batch` follows. Nothing was written.
    //   indeterminate  the write may or may not survive a restart. Do not retry; seal the log.
    virtual Result<void> commit(const WriteBatch& batch) = 0;

    // Errors: not_found, corruption, io.
    virtual Result<std::string> get(std::string_view key) const = 0;

    // Calls `visit` with each key in [from, to) and its value, in that order.
    //
    // Errors:
    //   corruption, io  something could not be read; `visit` saw what came before it.
    virtual Result<void> scan(std::string_view from, std::string_view to, Order order,
                              const Visitor& visit) const = 0;

    // Shows `visit` the values of keys in [from, to) that can still be found where get() and scan()
    // refuse to read, in no order; a key comes as often as it has values. Nothing of it is
    // verified. A store that keeps no checksums of its own has nothing to show.
    virtual void visit_unverified(std::string_view from, std::string_view to,
                                  const Visitor& visit) const {
        (void)from, (void)to, (void)visit;
    }

    // Cheap, and roughly right. Nothing of a store that has nothing to say.
    virtual StoreFigures figures() const { return {}; }
};

}  // namespace slipway
