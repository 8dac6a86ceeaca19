// An Interner gives each distinct value a small number, so that a row holds four bytes instead of a
// string. It counts the uses of each value: a value that nothing uses any more is forgotten, and
// its number is given to another. The smallest free number goes first, so that the same sequence of
// calls gives the same numbers.

#pragma once

#include "eventlog/base/check.h"

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>

namespace slipway {

// The number of no value: dropping it does nothing.
inline constexpr std::uint32_t kNoValue = 0xFFFFFFFF;

template <class T>
class Interner {
  public:
    // Returns the number of `value`, which has one use more.
    std::uint32_t add(const T& value) {
        const auto known = numbers_.find(value);
        if (known != numbers_.end()) {
            ++slots_[known->second].uses;
            return known->second;
        }
        const auto number =
            free_.empty() ? static_cast<std::uint32_t>(slots_.size()) : *free_.begin();
        if (free_.empty()) {
            slots_.emplace_back();
        } else {
            free_.erase(free_.begin());
        }
        slots_[number] = {value, 1};
        numbers_.emplace(value, number);
        return number;
    }

    // The value of `number` has one use less.
    void drop(std::uint32_t number) {
        if (number == kNoValue) return;
        Slot& slot = slots_[number];
        CHECK(slot.uses > 0);
        if (--slot.uses > 0) return;
        numbers_.erase(slot.value);
        slot.value = T{};
        free_.insert(number);
    }

    // Puts the number of `value` into `number`, in place of the one that stood there.
    void replace(std::uint32_t& number, const T& value) {
        const std::uint32_t before = number;
        number = add(value);
        drop(before);
    }

    const T& at(std::uint32_t number) const { return slots_[number].value; }

    // How many values are in use.
    std::size_t size() const { return numbers_.size(); }

  private:
    friend struct StateParts;

    struct Slot {
        T value{};
        std::uint32_t uses = 0;
    };

    absl::flat_hash_map<T, std::uint32_t> numbers_;
    std::deque<Slot> slots_;
    absl::btree_set<std::uint32_t> free_;
};

}  // namespace slipway
