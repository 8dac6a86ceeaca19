// The days that notes were made on, as the clock had it. A clock may jump: what was noted on any of
// the days that are kept is found, whatever the day is now. Today and the newest day stay, each
// with the one before it; of too many others the one that is farthest from today goes first.
//
// Thread-safe.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/log/store.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace slipway {

// Those that stay.
inline constexpr std::size_t kNoteDaysMax = 4;

class NoteDays {
  public:
    // Those that have notes in `store`. Errors: corruption, io.
    Result<void> read(const Store& store);

    // Notes are made on `today`, counted from 1970.
    void use(std::uint32_t today);

    // The newest first.
    std::vector<std::uint32_t> kept() const;

    // One whose notes are to go, if there is one, until it is swept.
    std::optional<std::uint32_t> outdated() const;
    void swept(std::uint32_t day);

  private:
    mutable std::mutex mutex_;
    std::vector<std::uint32_t> kept_;  // ascending
    std::vector<std::uint32_t> outdated_;
};

}  // namespace slipway
