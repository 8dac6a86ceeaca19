#include "server/domain/planned_time.h"

#include "eventlog/base/ascii.h"
#include "eventlog/base/quote.h"
#include "server/domain/occurrence.h"
#include "server/domain/zone_names.h"

namespace slipway {

namespace {

// The prefixes of an offset that is written as a name: GMT+5, UTC-05:00.
constexpr std::string_view kOffsetPrefixes[] = {"", "gmt", "utc", "ut", "z"};

bool is_offset(std::string_view name) {
    const std::string lower = lower_case(name);
    for (const std::string_view prefix : kOffsetPrefixes) {
        const std::string_view rest = std::string_view{lower}.substr(
            lower.starts_with(prefix) ? prefix.size() : lower.size());
        if (rest.size() < 2 || (rest.front() != '+' && rest.front() != '-')) continue;
        if (rest.find_first_not_of("0123456789:.", 1) == std::string_view::npos) return true;
    }
    return false;
}

Candidate candidate_of(const Occurrence& occurrence) {
    const auto seconds = date::floor<Seconds>(occurrence.due).time_since_epoch();
    return {LocalTime{seconds + occurrence.offset}, occurrence.due, occurrence.offset};
}

FieldError refused(const WallClock& at, RejectionCode code, const std::string& why,
                   const std::vector<Occurrence>& readings) {
    FieldError error{at.pointers.clock, code, to_text(at.local) + " " + why + "; candidates: "};
    for (const Occurrence& reading : readings) {
        error.candidates.push_back(candidate_of(reading));
        error.detail += (error.candidates.size() == 1 ? "" : ", ") + to_text(reading.due) +
                        " (UTC offset " + offset_text(reading.offset) + ")";
    }
    return error;
}

using Reading = std::variant<Occurrence, FieldError>;

Reading reading_by_offset(const WallClock& at, const Zone& zone) {
    const auto resolved = resolve(at.local, *zone.rules, Disambiguation::reject);
    std::vector<Occurrence> readings;
    bool occurs = true;
    if (const auto* const two = std::get_if<OccurrenceRefused>(&resolved)) {
        readings = {two->earlier, two->later};
        occurs = two->ambiguous;
    } else {
        readings = {std::get<Occurrence>(resolved)};
    }
    for (const Occurrence& reading : readings) {
        if (occurs && reading.offset == *at.offset) return reading;
    }
    return refused(
        at, RejectionCode::offset_not_in_force,
        "has no UTC offset of " + offset_text(*at.offset) + " in " + shortened(at.timezone),
        readings);
}

Reading reading_of(const WallClock& at, const Zone& zone) {
    if (at.offset) return reading_by_offset(at, zone);
    const auto resolved = resolve(at.local, *zone.rules, at.disambiguation);
    const auto* const two = std::get_if<OccurrenceRefused>(&resolved);
    if (two == nullptr) return std::get<Occurrence>(resolved);
    const std::string in_zone = " in " + shortened(at.timezone);
    if (two->ambiguous) {
        return refused(at, RejectionCode::ambiguous_local_time, "occurs twice" + in_zone,
                       {two->earlier, two->later});
    }
    return refused(at, RejectionCode::nonexistent_local_time, "does not occur" + in_zone,
                   {two->earlier, two->later});
}

bool is_schedulable(LocalTime wall) {
    const int year = civil_of(wall).year;
    return year >= kYearMin && year <= kYearMax;
}

// What the clocks of a zone show at `due`, and which reading of that it is.
Occurrence occurrence_at(Instant due, const ZoneRules& rules) {
    const LocalTime wall = wall_at(due, rules);
    Occurrence at{due, rules.offset_at(due), Resolution::exact};
    if (!is_schedulable(wall)) return at;
    const auto earlier = resolve(wall, rules, Disambiguation::earlier);
    const auto& first = std::get<Occurrence>(earlier);
    if (first.resolution == Resolution::overlap_earlier) {
        at.resolution =
            first.offset == at.offset ? Resolution::overlap_earlier : Resolution::overlap_later;
    }
    return at;
}

// The disambiguation that gives the reading which an offset picked, by other zone rules too.
Disambiguation agreeing(Disambiguation wanted, Resolution picked) {
    const bool asks_for_later = wanted == Disambiguation::later;
    if (wanted == Disambiguation::reject) return wanted;
    if (picked == Resolution::overlap_later) return Disambiguation::later;
    if (picked == Resolution::overlap_earlier && asks_for_later) return Disambiguation::earlier;
    return wanted;
}

}  // namespace

FieldError no_such_zone(std::string pointer, std::string_view name, const Zones& zones) {
    FieldError error{std::move(pointer), RejectionCode::unknown_timezone, in_quotes(name) + " is "};
    if (is_offset(name)) {
        error.detail += "an offset, which does not say when the clocks change; ";
    } else {
        error.timezones = zones_meant_by(name, zones);
        error.detail += "not in the zone database " + std::string{zones.version()} + "; ";
    }
    if (error.timezones.empty()) {
        error.detail += "an IANA name such as America/New_York, or UTC, is accepted";
        return error;
    }
    for (std::size_t i = 0; i < error.timezones.size(); ++i) {
        const bool last = i + 1 == error.timezones.size();
        error.detail += (i == 0 ? "" : last ? " or " : ", ") + error.timezones[i];
    }
    error.detail += error.timezones.size() == 1 ? " is its IANA name" : " may be its IANA name";
    return error;
}

std::optional<Zone> find_zone(const WallClock& at, const Zones& zones,
                              std::vector<FieldError>& errors) {
    auto zone = zones.find(at.timezone);
    if (zone) {
        zone->given = at.timezone;
    } else {
        errors.push_back(no_such_zone(at.pointers.timezone, at.timezone, zones));
    }
    return zone;
}

std::optional<PlannedTime> plan_time(const WallClock& at, const Zone& zone, const Context& context,
                                     std::vector<FieldError>& errors) {
    const Instant as_utc{at.local.time_since_epoch()};
    const Reading reading = at.is_utc ? occurrence_at(as_utc, *zone.rules) : reading_of(at, zone);
    if (const auto* const error = std::get_if<FieldError>(&reading)) {
        errors.push_back(*error);
        return std::nullopt;
    }
    const auto& occurrence = std::get<Occurrence>(reading);
    if (occurrence.due < context.now) {
        errors.push_back(
            {at.pointers.date, RejectionCode::due_in_past,
             to_text(at.local) + " in " + (at.is_utc ? "UTC" : shortened(at.timezone)) + " is " +
                 to_text(occurrence.due) + ", in the past; it is now " + to_text(context.now)});
        return std::nullopt;
    }
    const LocalTime wall = at.is_utc ? wall_at(as_utc, *zone.rules) : at.local;
    if (occurrence.due > kDueMax || !is_schedulable(wall)) {
        errors.push_back({at.pointers.date, RejectionCode::invalid_field,
                          "is after the end of the year 9999 in UTC; earlier ones are accepted"});
        return std::nullopt;
    }
    const bool by_offset = at.is_utc || at.offset.has_value();
    return PlannedTime{
        wall,
        at.timezone,
        std::string{zone.canonical},
        by_offset ? agreeing(at.disambiguation, occurrence.resolution) : at.disambiguation,
        occurrence.due,
        occurrence.resolution,
        occurrence.offset,
        std::string{context.zones.version()}};
}

PlannedTime time_at(Instant due, const Zone& zone, std::string_view zone_version) {
    const Occurrence occurrence = occurrence_at(due, *zone.rules);
    PlannedTime time;
    time.wall_clock = wall_at(due, *zone.rules);
    time.original_timezone = zone.given;
    time.timezone = zone.canonical;
    time.due_at = due;
    time.resolution = occurrence.resolution;
    time.utc_offset_seconds = occurrence.offset;
    time.tzdb_version = zone_version;
    return time;
}

Lead lead_before(Instant parent_due, std::uint32_t lead_seconds, Instant now) {
    const Instant due = parent_due - Seconds{lead_seconds};
    return due < now ? Lead{now, true} : Lead{due, false};
}

}  // namespace slipway
