// From what a person wrote (a wall clock and the name of a zone) to the instant that it stands for,
// and from an instant back to the wall clock of a zone.

#pragma once

#include "server/domain/command.h"
#include "server/domain/decide.h"
#include "server/domain/rejection.h"
#include "server/domain/zones.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// The end of the year 9999: nothing is due after it.
inline const Instant kDueMax =
    date::sys_days{date::year{kYearMax + 1} / date::January / 1} - Seconds{1};

// Why `name` is no zone of `zones`, and which zones may be meant.
FieldError no_such_zone(std::string pointer, std::string_view name, const Zones& zones);

// Its `given` is the text of the request; it borrows from `at`. Nothing, and an error, if there is
// no such zone.
std::optional<Zone> find_zone(const WallClock& at, const Zones& zones,
                              std::vector<FieldError>& errors);

// Nothing, and an error that names the field, if the wall clock does not occur there (or twice, and
// that is not wanted), if its offset is not in force there then, if it is in the past, or beyond
// the year 9999. Where an offset picked the reading of an overlap, the disambiguation says so.
std::optional<PlannedTime> plan_time(const WallClock& at, const Zone& zone, const Context& context,
                                     std::vector<FieldError>& errors);

// What the clock on the wall shows at `due`.
PlannedTime time_at(Instant due, const Zone& zone, std::string_view zone_version);

struct Lead {
    Instant due_at;
    bool shortened;  // the lead began in the past: due at once
};

// Elapsed time before `parent_due`, over a change of the clocks too; never before `now`.
Lead lead_before(Instant parent_due, std::uint32_t lead_seconds, Instant now);

}  // namespace slipway
