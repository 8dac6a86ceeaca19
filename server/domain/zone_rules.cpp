#include "server/domain/zone_rules.h"

#include "eventlog/base/check.h"

#include <algorithm>

// Every question is answered from stretches: times of one offset, end to end.
//
//        transitions_[0]      transitions_[1]       DST start    DST end     DST start
//   ----------|--------------------|---------- ... ----|-----------|-----------|--- ...
//    offsets_[0]     offsets_[1]       offsets_[2] ... \______ yearly rules, without end ______
//
// A stretch [start, end) shows the wall clocks [start + offset, end + offset). A wall clock shown
// by one stretch is unique, by two it overlaps, by none it lies in the gap between two of them.

namespace slipway {

namespace {

constexpr date::sys_seconds kFirstInstant{date::sys_days{date::year{kRulesYearMin} / 1 / 1}};
constexpr std::int64_t kInstantMin = kFirstInstant.time_since_epoch().count();
constexpr std::int64_t kInstantMax = kTransitionMax.time_since_epoch().count();
constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kForever = kInstantMax + 2 * kOffsetMax.count();

// A change that belongs to one year may lie in a neighbour of it: by 167 hours and an offset.
constexpr std::int64_t kOutsideOfYearMax = 9 * kSecondsPerDay;
static_assert(kOutsideOfYearMax > 167 * 3600 + kOffsetMax.count());

struct Stretch {
    std::int64_t start;
    std::int64_t end;
    std::int64_t offset;
};

std::int64_t clamped(std::int64_t seconds) {
    return std::clamp(seconds, kInstantMin, kInstantMax);
}

int year_of(std::int64_t seconds) {
    const date::sys_seconds instant{Seconds{seconds}};
    return int{date::year_month_day{date::floor<date::days>(instant)}.year()};
}

date::sys_days day_of(const YearlyChange& change, date::year year) {
    const auto first = date::sys_days{year / 1 / 1};
    switch (change.form) {
        case YearlyChange::Form::year_day:
            return first + date::days{change.day};
        case YearlyChange::Form::julian_day: {
            const bool after_leap_day = year.is_leap() && change.day >= 60;
            return first + date::days{change.day - (after_leap_day ? 0 : 1)};
        }
        case YearlyChange::Form::month_week_day:
            break;
    }
    const date::month month{static_cast<unsigned>(change.month)};
    const date::weekday weekday{static_cast<unsigned>(change.weekday)};
    if (change.week == 5) return date::sys_days{year / month / weekday[date::last]};
    return date::sys_days{year / month / weekday[static_cast<unsigned>(change.week)]};
}

// The change of that year, in UTC; `offset` is the one before it.
std::int64_t instant_of_change(const YearlyChange& change, int year, Seconds offset) {
    const date::sys_seconds midnight{day_of(change, date::year{year})};
    return (midnight.time_since_epoch() + change.time - offset).count();
}

// Daylight time that starts in `year`. It may be empty, and may reach into the next one's.
Stretch daylight_of(const YearlyRules& rules, int year) {
    const Daylight& daylight = *rules.daylight;
    const auto start = instant_of_change(daylight.start, year, rules.standard);
    auto end = instant_of_change(daylight.end, year, daylight.offset);
    if (end < start) end = instant_of_change(daylight.end, year + 1, daylight.offset);
    return {start, end, daylight.offset.count()};
}

template <class Visit>
void visit_yearly(const YearlyRules& rules, std::int64_t from, std::int64_t to, Visit visit) {
    const auto standard = rules.standard.count();
    auto at = from;
    if (!rules.daylight) {
        visit(Stretch{at, kForever, standard});
        return;
    }
    const int last = year_of(to + kOutsideOfYearMax);
    // Daylight time that holds at `from` may have started in the year before.
    for (int year = year_of(from - kOutsideOfYearMax) - 1; year <= last; ++year) {
        const Stretch daylight = daylight_of(rules, year);
        if (daylight.end <= std::max(at, daylight.start)) continue;
        if (daylight.start > at) {
            if (!visit(Stretch{at, daylight.start, standard})) return;
            at = daylight.start;
        }
        // Where daylight time never ends, the next year's goes on where this one stops.
        if (at > to || !visit(Stretch{at, daylight.end, daylight.offset})) return;
        at = daylight.end;
        if (at > to) return;
    }
    visit(Stretch{at, kForever, standard});
}

}  // namespace

ZoneRules::ZoneRules(Seconds initial, const std::vector<ZoneTransition>& transitions,
                     std::optional<YearlyRules> yearly)
    : yearly_(yearly) {
    const auto add_offset = [this](Seconds offset) {
        CHECK(offset < kOffsetMax && offset > -kOffsetMax);
        offsets_.push_back(static_cast<std::int32_t>(offset.count()));
    };
    add_offset(initial);
    for (const ZoneTransition& transition : transitions) {
        const auto at = transition.at.time_since_epoch().count();
        CHECK(at <= kInstantMax);
        // What is older than any year we know only says what was in force there.
        if (at < kInstantMin) {
            CHECK(transitions_.empty());
            offsets_.clear();
        } else {
            CHECK(transitions_.empty() || transitions_.back() < at);
            transitions_.push_back(at);
        }
        add_offset(transition.offset);
    }
    if (!yearly_) return;
    // From the last transition on the yearly rules speak, so that they and the list never disagree.
    const auto last = transitions_.empty() ? kInstantMin : transitions_.back();
    visit_yearly(*yearly_, last, last, [this](const Stretch& stretch) {
        offsets_.back() = static_cast<std::int32_t>(stretch.offset);
        return false;
    });
}

template <class Visit>
void ZoneRules::visit_stretches(std::int64_t from, std::int64_t to, Visit visit) const {
    const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), from);
    auto index = static_cast<std::size_t>(next - transitions_.begin());
    auto at = from;
    for (; index < transitions_.size(); ++index) {
        if (!visit(Stretch{at, transitions_[index], offsets_[index]})) return;
        at = transitions_[index];
        if (at > to) return;
    }
    if (yearly_) {
        visit_yearly(*yearly_, at, to, visit);
    } else {
        visit(Stretch{at, kForever, offsets_[index]});
    }
}

Seconds ZoneRules::offset_at(Instant instant) const {
    const auto seconds = date::floor<Seconds>(instant).time_since_epoch().count();
    const auto at = clamped(seconds);
    Seconds offset{0};
    visit_stretches(at, at, [&offset](const Stretch& stretch) {
        offset = Seconds{stretch.offset};
        return false;
    });
    return offset;
}

LocalLookup ZoneRules::lookup(LocalTime local) const {
    const auto wall = clamped(local.time_since_epoch().count());
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t before = 0;
    int found = 0;
    bool begun = false;
    LocalGap gap{};
    visit_stretches(wall - kOffsetMax.count(), wall + kOffsetMax.count(), [&](const Stretch& s) {
        const bool reached = wall >= s.start + s.offset;
        if (reached && wall < s.end + s.offset) {
            last = s.offset;
            if (found++ == 0) first = s.offset;
        }
        if (begun && !reached && wall >= s.start + before) {
            gap = {Seconds{before}, Seconds{s.offset}, Instant{Seconds{s.start}}};
        }
        before = s.offset;
        begun = true;
        return true;
    });
    if (found == 0) return gap;
    if (found == 1) return LocalUnique{Seconds{first}};
    return LocalOverlap{Seconds{first}, Seconds{last}};
}

}  // namespace slipway
