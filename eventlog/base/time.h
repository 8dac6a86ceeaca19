// The two kinds of time. An Instant is a point on the UTC time line; a LocalTime is what a clock on
// a wall shows, and means nothing without a zone. They do not convert into one another here: zone
// rules are data that changes (see server/domain/occurrence.h).

#pragma once

#include <date/date.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

using Instant = date::sys_time<Millis>;
using LocalTime = date::local_time<Seconds>;

// The years in which Slipway schedules; a year outside them is refused, never wrapped.
inline constexpr int kYearMin = 1970;
inline constexpr int kYearMax = 9999;

struct CivilTime {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    friend bool operator==(const CivilTime&, const CivilTime&) = default;
};

// Nothing if there is no such date (2027-02-29) or a field is out of range.
std::optional<LocalTime> local_of(const CivilTime& civil);
CivilTime civil_of(LocalTime local);

// RFC 3339 in UTC: 2027-02-10T08:00:00Z, with three decimals only where the milliseconds are not
// zero.
std::string to_text(Instant instant);
void append_text(std::string& out, Instant instant);

// 2027-02-10T03:00:00
std::string to_text(LocalTime local);
void append_text(std::string& out, LocalTime local);

// An offset from UTC: -05:00, or +00:44:30 where it has seconds.
std::string offset_text(Seconds offset);

// RFC 3339 with any offset; the decimals beyond milliseconds are dropped. Nothing if it is anything
// else.
std::optional<Instant> instant_of(std::string_view text);

// 2027-02-10T03:00 or 2027-02-10T03:00:00.
std::optional<LocalTime> local_of(std::string_view text);

}  // namespace slipway
