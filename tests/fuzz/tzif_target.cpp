// Zone files. Whatever rules a file gives, every wall clock means an instant. That it is the right
// one can be said of real zones only, whose clocks change seldom (tests/server/zones).

#include "eventlog/base/check.h"
#include "server/domain/occurrence.h"
#include "server/zones/tzif.h"
#include "tests/fuzz/target.h"

namespace slipway {

namespace {

using namespace std::chrono_literals;

void check_instant(Instant at, const ZoneRules& rules) {
    const Seconds offset = rules.offset_at(at);
    CHECK(offset < kOffsetMax && offset > -kOffsetMax);
    for (const auto disambiguation :
         {Disambiguation::compatible, Disambiguation::earlier, Disambiguation::later}) {
        const auto resolved = resolve(wall_at(at, rules), rules, disambiguation);
        const Instant due = std::get<Occurrence>(resolved).due;
        CHECK(due - at < 2 * kOffsetMax && at - due < 2 * kOffsetMax);
    }
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
    for (Instant at = begin; at < begin + 1000 * kStep; at += kStep) check_instant(at, *rules);
    for (const int year : {-20'001, -1, 0, 1900, 2400, kYearMax, 20'001}) {
        check_instant(date::sys_days{date::year{year} / 6 / 1}, *rules);
    }
}

const FuzzTarget kTarget{"tzif", run};

}  // namespace

}  // namespace slipway
