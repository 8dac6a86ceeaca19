#include "server/domain/occurrence.h"

#include "eventlog/base/overloaded.h"

namespace slipway {

namespace {

Instant instant_of(LocalTime wall, Seconds offset) {
    return Instant{wall.time_since_epoch() - offset};
}

Occurrence shifted(LocalTime wall, Seconds by_offset, const ZoneRules& rules) {
    const auto due = instant_of(wall, by_offset);
    return {due, rules.offset_at(due), Resolution::gap_shifted};
}

using Resolved = std::variant<Occurrence, OccurrenceRefused>;

Resolved chosen(const OccurrenceRefused& two, Disambiguation disambiguation) {
    switch (disambiguation) {
        case Disambiguation::earlier:
            return two.earlier;
        case Disambiguation::later:
            return two.later;
        case Disambiguation::reject:
            return two;
        case Disambiguation::compatible:
            break;
    }
    return two.ambiguous ? two.earlier : two.later;
}

}  // namespace

Resolved resolve(LocalTime wall, const ZoneRules& rules, Disambiguation disambiguation) {
    return std::visit(
        Overloaded{
            [&](const LocalUnique& unique) -> Resolved {
                return Occurrence{instant_of(wall, unique.offset), unique.offset,
                                  Resolution::exact};
            },
            // The offset before the gap is the smaller one, so it gives the later instant.
            [&](const LocalGap& gap) -> Resolved {
                return chosen(
                    {false, shifted(wall, gap.after, rules), shifted(wall, gap.before, rules)},
                    disambiguation);
            },
            [&](const LocalOverlap& overlap) -> Resolved {
                return chosen(
                    {true,
                     {instant_of(wall, overlap.first), overlap.first, Resolution::overlap_earlier},
                     {instant_of(wall, overlap.second), overlap.second, Resolution::overlap_later}},
                    disambiguation);
            },
        },
        rules.lookup(wall));
}

LocalTime wall_at(Instant instant, const ZoneRules& rules) {
    const auto seconds = date::floor<Seconds>(instant);
    return LocalTime{seconds.time_since_epoch() + rules.offset_at(instant)};
}

}  // namespace slipway
