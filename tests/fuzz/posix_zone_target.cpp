// The last line of a zone file. What is read can be said again, in one way, and means the same.

#include "eventlog/base/check.h"
#include "server/zones/posix_zone.h"
#include "tests/fuzz/target.h"

#include <cstdlib>

namespace slipway {

namespace {

std::string text_of(Seconds time) {
    const auto seconds = std::abs(time.count());
    return (time.count() < 0 ? "-" : "") + std::to_string(seconds / 3'600) + ":" +
           std::to_string(seconds / 60 % 60) + ":" + std::to_string(seconds % 60);
}

std::string text_of(const YearlyChange& change) {
    std::string text;
    switch (change.form) {
        case YearlyChange::Form::month_week_day:
            text = "M" + std::to_string(change.month) + "." + std::to_string(change.week) + "." +
                   std::to_string(change.weekday);
            break;
        case YearlyChange::Form::julian_day:
            text = "J" + std::to_string(change.day);
            break;
        case YearlyChange::Form::year_day:
            text = std::to_string(change.day);
            break;
    }
    return text + "/" + text_of(change.time);
}

std::string text_of(const YearlyRules& rules) {
    std::string text = "AAA" + text_of(-rules.standard);
    if (!rules.daylight) return text;
    text += "BBB" + text_of(-rules.daylight->offset);
    return text + "," + text_of(rules.daylight->start) + "," + text_of(rules.daylight->end);
}

void check_change(const YearlyChange& change) {
    CHECK(change.month >= 1 && change.month <= 12 && change.week >= 1 && change.week <= 5);
    CHECK(change.weekday >= 0 && change.weekday <= 6 && change.day >= 0 && change.day <= 365);
    CHECK(change.form != YearlyChange::Form::julian_day || change.day >= 1);
    CHECK(change.time > -std::chrono::hours{168} && change.time < std::chrono::hours{168});
}

void run(std::string_view bytes) {
    const auto rules = parse_posix_zone(bytes);
    if (!rules) {
        CHECK(rules.error().code == ErrorCode::invalid);
        CHECK(rules.error().message.starts_with("column "));
        return;
    }
    CHECK(rules->standard < kOffsetMax && rules->standard > -kOffsetMax);
    if (rules->daylight) {
        CHECK(rules->daylight->offset < kOffsetMax && rules->daylight->offset > -kOffsetMax);
        check_change(rules->daylight->start);
        check_change(rules->daylight->end);
    }
    // What is not written is an hour after the other, and may be more than can be written.
    if (rules->daylight && rules->daylight->offset >= std::chrono::hours{25}) return;
    const auto again = parse_posix_zone(text_of(*rules));
    CHECK(again && *again == *rules);
}

const FuzzTarget kTarget{"posix_zone", run};

}  // namespace

}  // namespace slipway
