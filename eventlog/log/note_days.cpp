#include "eventlog/log/note_days.h"

#include "eventlog/log/keys.h"

#include <algorithm>
#include <string>

namespace slipway {

Result<void> NoteDays::read(const Store& store) {
    const std::lock_guard lock{mutex_};
    const std::string first = note_key(0, "");
    std::string end = note_key(UINT32_MAX, "");
    for (bool found = true; found;) {
        found = false;
        const auto scanned = store.scan(first, end, Order::newest_first,
                                        [&](std::string_view key, std::string_view) {
                                            const auto day = day_of_note_key(key);
                                            if (!day) return true;
                                            kept_.push_back(*day);
                                            end = note_key(*day, "");
                                            found = true;
                                            return false;
                                        });
        if (!scanned) return scanned;
    }
    std::reverse(kept_.begin(), kept_.end());
    return {};
}

void NoteDays::use(std::uint32_t today) {
    const std::lock_guard lock{mutex_};
    std::erase(outdated_, today);
    const auto place = std::lower_bound(kept_.begin(), kept_.end(), today);
    if (place == kept_.end() || *place != today) kept_.insert(place, today);
    // 0 for a day that stays: by this clock it is no older than a day, or it was not when the clock
    // was farthest on.
    const auto distance = [this, today](std::uint32_t day) {
        if (day + 1 >= kept_.back() || day == today) return 0U;
        return day > today ? day - today : today - day - 1;
    };
    while (kept_.size() > kNoteDaysMax) {
        const auto farthest = std::max_element(
            kept_.begin(), kept_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return distance(a) < distance(b); });
        outdated_.push_back(*farthest);
        kept_.erase(farthest);
    }
}

std::vector<std::uint32_t> NoteDays::kept() const {
    const std::lock_guard lock{mutex_};
    return {kept_.rbegin(), kept_.rend()};
}

std::optional<std::uint32_t> NoteDays::outdated() const {
    const std::lock_guard lock{mutex_};
    if (outdated_.empty()) return std::nullopt;
    return outdated_.back();
}

void NoteDays::swept(std::uint32_t day) {
    const std::lock_guard lock{mutex_};
    std::erase(outdated_, day);
}

}  // namespace slipway
