// The days that notes were made on, as the wall clock had it. A wall clock may jump: what was noted
// on any of the days that are kept is found, whatever the day is now. Today and the newest day
// stay, each with the one before it; of too many others the one that is farthest from today goes
// first. None goes within kNoteAgeMax after it was last used, by a clock that is never set.
//
// Thread-safe.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/log/store.h"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace slipway {

inline constexpr std::chrono::hours kNoteAgeMax{24};

// Days that stay. More stay only while one of them was used less than kNoteAgeMax ago.
inline constexpr std::size_t kNoteDaysMax = 4;
// Days that stay whenever they were used. A clock that was set onto more than these within
// kNoteAgeMax forgets the day that was used longest ago: a search looks into each.
inline constexpr std::size_t kNoteDaysInUseMax = 64;

class NoteDays {
  public:
    // Those that have notes in `store`. Errors: corruption, io.
    Result<void> read(const Store& store);

    // Notes are made on `today`, counted from 1970. `now`: by a clock that is never set.
    void use(std::uint32_t today, std::chrono::nanoseconds now);

    // The newest first.
    std::vector<std::uint32_t> kept() const;

    // One whose notes are to go, if there is one, until it is swept.
    std::optional<std::uint32_t> outdated() const;
    void swept(std::uint32_t day);

  private:
    struct Day {
        std::uint32_t day = 0;
        // Nothing: it was read from the store, and not used since.
        std::optional<std::chrono::nanoseconds> used_at;
    };
    using Place = std::vector<Day>::iterator;

    Place place_of(std::uint32_t day);
    std::uint32_t distance(std::uint32_t day, std::uint32_t today) const;
    bool may_go(const Day& day, std::chrono::nanoseconds now) const;
    Place next_to_go(std::uint32_t today, std::chrono::nanoseconds now);

    mutable std::mutex mutex_;
    std::vector<Day> kept_;  // ascending
    std::optional<std::chrono::nanoseconds> first_used_at_;
    std::vector<std::uint32_t> outdated_;
};

}  // namespace slipway
