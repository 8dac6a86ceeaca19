#include "server/domain/planned_time.h"

#include "eventlog/base/quote.h"
#include "server/domain/occurrence.h"

namespace slipway {

namespace {

std::string candidate(const Occurrence& occurrence) {
    return to_text(occurrence.due) + " (UTC offset " + std::to_string(occurrence.offset.count()) +
           " s)";
}

FieldError refused(const WallClock& at, const OccurrenceRefused& why) {
    const std::string candidates =
        "; candidates: " + candidate(why.earlier) + ", " + candidate(why.later);
    if (why.ambiguous) {
        return {"/hour", RejectionCode::ambiguous_local_time,
                to_text(at.local) + " occurs twice in " + shortened(at.timezone) + candidates};
    }
    return {"/hour", RejectionCode::nonexistent_local_time,
            to_text(at.local) + " does not occur in " + shortened(at.timezone) + candidates};
}

}  // namespace

std::optional<Zone> find_zone(const std::string& name, const Zones& zones,
                              std::vector<FieldError>& errors) {
    auto zone = zones.find(name);
    if (!zone) {
        const bool offset = !name.empty() && (name.front() == '+' || name.front() == '-');
        errors.push_back(
            {"/timezone", RejectionCode::unknown_timezone,
             in_quotes(name) + " is " +
                 (offset ? "an offset, which does not say when the clocks change; "
                         : "not in the zone database " + std::string{zones.version()} + "; ") +
                 "an IANA name such as America/New_York, or UTC"});
    }
    return zone;
}

std::optional<PlannedTime> plan_time(const WallClock& at, const Zone& zone, const Context& context,
                                     std::vector<FieldError>& errors) {
    const auto resolved = resolve(at.local, *zone.rules, at.disambiguation);
    if (const auto* const why = std::get_if<OccurrenceRefused>(&resolved)) {
        errors.push_back(refused(at, *why));
        return std::nullopt;
    }
    const auto& occurrence = std::get<Occurrence>(resolved);
    if (occurrence.due < context.now) {
        errors.push_back({"/year", RejectionCode::due_in_past,
                          to_text(at.local) + " in " + std::string{zone.given} + " is " +
                              to_text(occurrence.due) + ", in the past; it is now " +
                              to_text(context.now)});
        return std::nullopt;
    }
    if (occurrence.due > kDueMax) {
        errors.push_back({"/year", RejectionCode::invalid_field,
                          "is after the end of the year 9999 in UTC; earlier ones are accepted"});
        return std::nullopt;
    }
    return PlannedTime{at.local,
                       std::string{zone.given},
                       std::string{zone.canonical},
                       at.disambiguation,
                       occurrence.due,
                       occurrence.resolution,
                       occurrence.offset,
                       std::string{context.zones.version()}};
}

PlannedTime time_at(Instant due, const Zone& zone, std::string_view zone_version) {
    PlannedTime time;
    time.wall_clock = wall_at(due, *zone.rules);
    time.original_timezone = zone.given;
    time.timezone = zone.canonical;
    time.due_at = due;
    time.utc_offset_seconds = zone.rules->offset_at(due);
    time.tzdb_version = zone_version;
    const auto earlier = resolve(time.wall_clock, *zone.rules, Disambiguation::earlier);
    const auto& first = std::get<Occurrence>(earlier);
    if (first.resolution == Resolution::overlap_earlier) {
        time.resolution = first.offset == time.utc_offset_seconds ? Resolution::overlap_earlier
                                                                  : Resolution::overlap_later;
    }
    return time;
}

Lead lead_before(Instant parent_due, std::uint32_t lead_seconds, Instant now) {
    const Instant due = parent_due - Seconds{lead_seconds};
    return due < now ? Lead{now, true} : Lead{due, false};
}

}  // namespace slipway
