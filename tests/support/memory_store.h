// A store in memory, for tests and for looking: what it holds ends with the process.

#pragma once

#include "eventlog/log/store.h"

#include <map>
#include <mutex>

namespace slipway {

class MemoryStore : public Store {
  public:
    Result<void> commit(const WriteBatch& batch) override;
    Result<std::string> get(std::string_view key) const override;
    Result<void> scan(std::string_view from, std::string_view to, Order order,
                      const Visitor& visit) const override;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace slipway
