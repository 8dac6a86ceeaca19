// Times as people type them and as they are shown to them. Pure: what time it is, and what a zone's
// offset is, comes from the caller.

#pragma once

#include "eventlog/base/time.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// How far `zone` is from UTC at an instant; nothing if there is no such zone.
using OffsetAt = std::function<std::optional<Seconds>(const std::string& zone, Instant at)>;

// A wall clock: "2027-02-10 03:00" (or with T, or seconds), "today 3:00", "tomorrow 03:00", "friday
// 03:00" and "03:00", the next time that a clock which shows `now` comes there. Nothing if it is
// none of these.
std::optional<LocalTime> local_as_typed(std::string_view text, LocalTime now);

// Whether it means the same whatever the time is now.
bool is_absolute(std::string_view text);

// A date and a clock with the zone in brackets (RFC 9557):
// 2027-02-10T03:00-05:00[America/New_York]. The server reads the rest: it knows whether the offset
// is in force there then.
bool is_zoned(std::string_view text);

// An instant (RFC 3339), with or without seconds. Nothing if it is anything else.
std::optional<Instant> instant_as_typed(std::string_view text);

// "2h", "1h30m", "90m", "45s", "2d" (48 hours), "1w".
std::optional<Seconds> duration_as_typed(std::string_view text);

// The wall clock of `zone` at an instant.
std::optional<LocalTime> local_in(const std::string& zone, Instant at, const OffsetAt& offset_at);

// The first instant at which `zone` shows it; for one that it never shows, some instant near by.
std::optional<Instant> instant_in(const std::string& zone, LocalTime local,
                                  const OffsetAt& offset_at);

// 2027-02-10 03:00-05:00 America/New_York  (2027-02-10T08:00:00Z). The offset is there because a
// zone may not have the one that its name suggests; of UTC it is left out.
std::string shown_time(Instant at, Seconds offset, std::string_view zone);

// What a machine says about its zone, each empty if it says nothing.
struct ZoneHints {
    std::optional<std::string> tz;  // the environment's TZ
    std::string localtime_link;     // what /etc/localtime links to
    std::string timezone_file;      // what /etc/timezone holds
};
struct ZoneGuess {
    std::string zone;
    std::string_view because;
};
// Nothing if TZ is set to what is not the name of a zone: it may not be passed over.
std::optional<ZoneGuess> guess_zone(const ZoneHints& hints);

// The message for a --tz that this machine cannot show. Quotes no more of it than quote.h allows.
std::string no_such_zone_here(const std::string& zone);

}  // namespace slipway
