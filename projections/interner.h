// An Interner gives each distinct value a small number, so that a row holds four bytes instead of a
// string. It counts the uses of each value: a value that nothing uses any more is forgotten, and
// its number is given to another. The smallest free number goes first, so that the same sequence of
// calls gives the same numbers.

#pragma once

#include "eventlog/base/check.h"
#include "projections/number_of.h"
#include "projections/parts.h"

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <type_traits>

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
    void replace(NumberOf<T>& number, const T& value) {
        const std::uint32_t before = number;
        number = add(value);
        drop(before);
    }

    const T& at(std::uint32_t number) const { return slots_[number].value; }

    // How many values are in use.
    std::size_t size() const { return numbers_.size(); }
    bool has(std::uint32_t number) const {
        return number < slots_.size() && !free_.contains(number);
    }

    // ---- In a snapshot

    // As parts.h says: each number with its value, if it is in use. How often is counted again.
    template <class Self>
    static auto part(Self& self) {
        return SlotsPart<std::remove_reference_t<decltype((self.slots_))>>{self.slots_};
    }
    // Makes the rest from the parts, with no uses. False if a value is there twice.
    bool rebuild() {
        for (std::uint32_t number = 0; number < slots_.size(); ++number) {
            Slot& slot = slots_[number];
            if (slot.uses == 0) {
                free_.insert(number);
            } else if (!numbers_.try_emplace(slot.value, number).second) {
                return false;
            }
            slot.uses = 0;
        }
        return true;
    }
    // The value has one use more. Requires: has(number).
    void count_use(std::uint32_t number) { ++slots_[number].uses; }
    bool are_all_used() const {
        return std::all_of(numbers_.begin(), numbers_.end(),
                           [this](const auto& entry) { return slots_[entry.second].uses > 0; });
    }

  private:
    struct Slot {
        T value{};
        std::uint32_t uses = 0;
    };

    template <class Slots>
    struct SlotsPart {
        static constexpr std::uint32_t kItemsMax = kPartItemsMax;

        Slots& slots;

        std::size_t size() const { return slots.size(); }
        void grow() { slots.emplace_back(); }
        template <class Archive>
        void visit(Archive& archive, std::size_t item) {
            auto& slot = slots[item];
            bool is_used = slot.uses > 0;
            archive(is_used);
            if (!is_used) return;
            archive(slot.value);
            if constexpr (!std::is_const_v<Slots>) slot.uses = 1;
        }
    };

    absl::flat_hash_map<T, std::uint32_t> numbers_;
    std::deque<Slot> slots_;
    absl::btree_set<std::uint32_t> free_;
};

}  // namespace slipway
