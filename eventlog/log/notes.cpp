#include "eventlog/log/notes.h"

#include "eventlog/log/keys.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

constexpr std::chrono::hours kDay{24};

// Removed with each note: more than come in, so that they end.
constexpr std::size_t kOutdatedPerNote = 4;

// Counted from 1970, also by a clock that was never set.
std::uint32_t day_of(Instant now) {
    return static_cast<std::uint32_t>(std::max<std::int64_t>(now.time_since_epoch() / kDay, 0));
}

}  // namespace

void Notes::keep(const GroupCommit::Together& together, Position unit, std::string_view name,
                 std::string value, Instant now, std::chrono::nanoseconds steady) {
    const std::uint32_t today = day_of(now);
    days_.use(today, steady);
    commits_.attach(together, unit, {note_key(today, name), std::move(value)}, some_outdated());
}

Result<std::string> Notes::find(std::string_view name,
                                const std::function<bool(const std::string&)>& counts) const {
    for (const std::uint32_t day : days_.kept()) {
        auto value = store_.get(note_key(day, name));
        if (value && counts && !counts(*value)) continue;
        if (value || value.error().code != ErrorCode::not_found) return value;
    }
    return Error{ErrorCode::not_found, "log: there is no such note"};
}

// A few notes of a day that is over.
std::vector<std::string> Notes::some_outdated() {
    std::vector<std::string> keys;
    const auto day = days_.outdated();
    if (!day) return keys;
    const std::string first = note_key(*day, "");
    const std::string begin = swept_.starts_with(first) ? swept_ + '\0' : first;
    const auto scanned = store_.scan(begin, note_key(*day + 1, ""), Order::ascending,
                                     [&](std::string_view key, std::string_view) {
                                         keys.emplace_back(key);
                                         return keys.size() < kOutdatedPerNote;
                                     });
    // A note that cannot be read does not keep a new one from being written. A scrub tells of it.
    if (!scanned) return {};
    if (keys.size() < kOutdatedPerNote) days_.swept(*day);
    if (!keys.empty()) swept_ = keys.back();
    return keys;
}

}  // namespace slipway
