// ZoneRules are the offsets from UTC that one zone has had and will have: a list of changes, and
// the yearly rules that go on after the last of them.
//
// Immutable, and safe from any thread. It reads no clock and no file; server/zones/tzif.h makes
// one of a zone file's bytes, and server/domain/occurrence.h turns wall clocks into instants.

#pragma once

#include "eventlog/base/time.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace slipway {

// No zone is further from UTC than this: less than 26 hours either way (RFC 9636, section 3.2).
inline constexpr Seconds kOffsetMax = std::chrono::hours{26};

// The years that rules are asked about; instants beyond them are taken as the first or the last.
// Wider than kYearMin to kYearMax, so that no offset leads out of it.
inline constexpr int kRulesYearMin = -20000;
inline constexpr int kRulesYearMax = 20000;

// The latest transition that rules may have.
inline constexpr date::sys_seconds kTransitionMax{
    date::sys_days{date::year{kRulesYearMax} / 1 / 1}};

// An instant of each year, by the clock that is in force before it.
struct YearlyChange {
    enum class Form : std::uint8_t {
        month_week_day,  // the `week`th `weekday` of `month`; week 5 is the last
        julian_day,      // `day` 1 to 365; 29 February is never counted
        year_day,        // `day` 0 to 365; 29 February is counted
    };

    Form form = Form::month_week_day;
    int month = 1;    // 1 to 12
    int week = 1;     // 1 to 5
    int weekday = 0;  // 0 is Sunday
    int day = 0;
    Seconds time{7200};  // from that day's midnight; -167 to 167 hours

    friend bool operator==(const YearlyChange&, const YearlyChange&) = default;
};

// The time of the year that has another offset. "Daylight" may be less than standard time (Dublin),
// and it may go over the end of the year (the south) or never end.
struct Daylight {
    Seconds offset{0};
    YearlyChange start;
    YearlyChange end;

    friend bool operator==(const Daylight&, const Daylight&) = default;
};

struct YearlyRules {
    Seconds standard{0};
    std::optional<Daylight> daylight;

    friend bool operator==(const YearlyRules&, const YearlyRules&) = default;
};

struct ZoneTransition {
    date::sys_seconds at;
    Seconds offset;  // from then on
};

// What a wall clock means: it occurs once, never, or twice.
struct LocalUnique {
    Seconds offset;
    friend bool operator==(const LocalUnique&, const LocalUnique&) = default;
};
struct LocalGap {
    Seconds before;  // the offset before `transition`
    Seconds after;   // the offset from then on
    Instant transition;
    friend bool operator==(const LocalGap&, const LocalGap&) = default;
};
struct LocalOverlap {
    Seconds first;   // the offset of the earlier of the two
    Seconds second;  // the offset of the later
    friend bool operator==(const LocalOverlap&, const LocalOverlap&) = default;
};
using LocalLookup = std::variant<LocalUnique, LocalGap, LocalOverlap>;

class ZoneRules {
  public:
    // `initial` holds before the first of `transitions`; `yearly`, if there is one, from the last
    // of them on, or always if there are none. With neither, the last offset stays.
    //
    // Requires: `transitions` ascend strictly, none is later than kTransitionMax, and no offset is
    // further from zero than kOffsetMax.
    ZoneRules(Seconds initial, const std::vector<ZoneTransition>& transitions,
              std::optional<YearlyRules> yearly);

    // Cost: a binary search, and beyond the last transition the dates of two years.
    Seconds offset_at(Instant instant) const;

    // As offset_at. Of a wall clock that occurs more than twice (no real one does), a LocalOverlap
    // holds the first and the last; of gaps in one another, a LocalGap is the last.
    LocalLookup lookup(LocalTime local) const;

  private:
    // Calls `visit` with each stretch of one offset that lies between two instants, in order,
    // without holes, the first and the last cut off there or longer.
    template <class Visit>
    void visit_stretches(std::int64_t from, std::int64_t to, Visit visit) const;

    // Seconds since 1970, and the offset from each on, in seconds; offsets_[0] is the initial one,
    // so there is one more of them. Apart from one another, because the search reads only the
    // first.
    std::vector<std::int64_t> transitions_;
    std::vector<std::int32_t> offsets_;
    std::optional<YearlyRules> yearly_;
};

}  // namespace slipway
