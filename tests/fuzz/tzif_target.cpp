// Zone files. Whatever rules a file gives, a clock that follows them shows at each instant a time
// that means this instant again.

#include "eventlog/base/check.h"
#include "eventlog/base/overloaded.h"
#include "server/domain/occurrence.h"
#include "server/runtime/tzif.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

using namespace std::chrono_literals;

Instant due_of(LocalTime wall, const ZoneRules& rules, Disambiguation disambiguation) {
    const auto resolved = resolve(wall, rules, disambiguation);
    return std::get<Occurrence>(resolved).due;
}

// Of a wall clock that occurs more than twice the first and the last count: the instant is then
// between them.
void check_instant(Instant at, const ZoneRules& rules) {
    const Seconds offset = rules.offset_at(at);
    CHECK(offset < kOffsetMax && offset > -kOffsetMax);
    const LocalTime wall = wall_at(at, rules);
    const auto lookup = rules.lookup(wall);
    CHECK(!std::holds_alternative<LocalGap>(lookup));
    const Instant earlier = due_of(wall, rules, Disambiguation::earlier);
    const Instant later = due_of(wall, rules, Disambiguation::later);
    CHECK(earlier <= at && at <= later);
    CHECK(wall_at(earlier, rules) == wall && wall_at(later, rules) == wall);
    CHECK((earlier == later) == std::holds_alternative<LocalUnique>(lookup));
}

void check_wall(LocalTime wall, const ZoneRules& rules) {
    std::visit(Overloaded{[&](const LocalUnique&) {
                              const Instant due = due_of(wall, rules, Disambiguation::compatible);
                              CHECK(wall_at(due, rules) == wall);
                          },
                          [&](const LocalGap& gap) {
                              CHECK(gap.before < gap.after);
                              CHECK(rules.offset_at(gap.transition) == gap.after);
                              CHECK(rules.offset_at(gap.transition - 1s) == gap.before);
                          },
                          [&](const LocalOverlap& overlap) {
                              CHECK(overlap.first > overlap.second);
                              const Instant due = due_of(wall, rules, Disambiguation::compatible);
                              CHECK(wall_at(due, rules) == wall);
                          }},
               rules.lookup(wall));
}

void run(std::string_view bytes) {
    const auto rules = parse_tzif(bytes);
    if (!rules) {
        CHECK(rules.error().code == ErrorCode::corruption ||
              rules.error().code == ErrorCode::invalid);
        CHECK(!rules.error().message.empty());
        return;
    }
    // All over the years that are scheduled in, at all times of the day and of the year.
    constexpr auto kStep = 37 * 24h + 5h + 17min + 3s;
    const Instant begin = date::sys_days{date::year{1969} / 12 / 30};
    for (Instant at = begin; at < begin + 1000 * kStep; at += kStep) {
        check_instant(at, *rules);
        check_wall(LocalTime{date::floor<Seconds>(at).time_since_epoch()}, *rules);
    }
    for (const int year : {-20'001, -1, 0, 1900, 2400, kYearMax, 20'001}) {
        check_instant(date::sys_days{date::year{year} / 6 / 1}, *rules);
    }
}

const FuzzTarget kTarget{"tzif", run};

}  // namespace

}  // namespace slipway
