// An Interner gives each distinct value a small number, so that a row holds four bytes instead of a
// string. Values are never forgotten: it is for what there are few of (zone names, users,
// policies).

#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>

namespace slipway {

template <class T>
class Interner {
  public:
    std::uint32_t add(const T& value) {
        const auto next = static_cast<std::uint32_t>(values_.size());
        const auto [at, is_new] = numbers_.try_emplace(value, next);
        if (is_new) values_.push_back(value);
        return at->second;
    }

    const T& at(std::uint32_t number) const { return values_[number]; }

  private:
    friend struct StateParts;

    absl::flat_hash_map<T, std::uint32_t> numbers_;
    std::deque<T> values_;
};

}  // namespace slipway
