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
                                            kept_.push_back({*day, std::nullopt});
                                            end = note_key(*day, "");
                                            found = true;
                                            return false;
                                        });
        if (!scanned) return scanned;
    }
    std::reverse(kept_.begin(), kept_.end());
    return {};
}

NoteDays::Place NoteDays::place_of(std::uint32_t day) {
    return std::lower_bound(
        kept_.begin(), kept_.end(), day,
        [](const Day& kept, std::uint32_t wanted) { return kept.day < wanted; });
}

// 0 for a day that stays: by this clock it is no older than a day, or it was not when the clock was
// farthest on.
std::uint32_t NoteDays::distance(std::uint32_t day, std::uint32_t today) const {
    if (day + 1 >= kept_.back().day || day == today) return 0;
    return day > today ? day - today : today - day - 1;
}

// A day of an earlier process was used before this one began, so it counts as used then. If a
// server is started again each few hours, the days would grow in number: of too many of an earlier
// process one may go at once, as their order tells their age.
bool NoteDays::may_go(const Day& day, std::chrono::nanoseconds now) const {
    if (now - day.used_at.value_or(*first_used_at_) >= kNoteAgeMax) return true;
    const auto earlier =
        std::count_if(kept_.begin(), kept_.end(), [](const Day& kept) { return !kept.used_at; });
    return !day.used_at && static_cast<std::size_t>(earlier) > kNoteDaysMax;
}

// The end if all must stay.
NoteDays::Place NoteDays::next_to_go(std::uint32_t today, std::chrono::nanoseconds now) {
    auto farthest = kept_.end();
    auto longest_unused = kept_.end();
    for (auto at = kept_.begin(); at != kept_.end(); ++at) {
        const std::uint32_t far = distance(at->day, today);
        if (far == 0) continue;
        const bool is_farther = farthest == kept_.end() || distance(farthest->day, today) < far;
        if (may_go(*at, now) && is_farther) farthest = at;
        // Nothing comes before any time.
        const bool is_older =
            longest_unused == kept_.end() || at->used_at < longest_unused->used_at;
        if (is_older) longest_unused = at;
    }
    if (farthest != kept_.end() || kept_.size() <= kNoteDaysInUseMax) return farthest;
    return longest_unused;
}

void NoteDays::use(std::uint32_t today, std::chrono::nanoseconds now) {
    const std::lock_guard lock{mutex_};
    if (!first_used_at_) first_used_at_ = now;
    std::erase(outdated_, today);
    auto place = place_of(today);
    if (place == kept_.end() || place->day != today) place = kept_.insert(place, {today, now});
    place->used_at = now;
    while (kept_.size() > kNoteDaysMax) {
        const auto going = next_to_go(today, now);
        if (going == kept_.end()) return;
        outdated_.push_back(going->day);
        kept_.erase(going);
    }
}

std::vector<std::uint32_t> NoteDays::kept() const {
    const std::lock_guard lock{mutex_};
    std::vector<std::uint32_t> days;
    for (auto at = kept_.rbegin(); at != kept_.rend(); ++at) days.push_back(at->day);
    return days;
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
