// Compares resolve() and wall_at() with the answers that ../zone_oracle.py got from Python.

#include "server/domain/occurrence.h"
#include "server/zones/zone_database.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace slipway {
namespace {

struct Answer {
    char kind = '=';
    std::int64_t wall = 0;
    std::int64_t compatible = 0;
    std::int64_t earlier = 0;
    std::int64_t later = 0;
    std::int64_t earlier_offset = 0;
    std::int64_t later_offset = 0;
};

std::istream& operator>>(std::istream& in, Answer& answer) {
    return in >> answer.kind >> answer.wall >> answer.compatible >> answer.earlier >>
           answer.later >> answer.earlier_offset >> answer.later_offset;
}

Occurrence occurrence(std::int64_t due, std::int64_t offset, Resolution resolution) {
    return {Instant{Seconds{due}}, Seconds{offset}, resolution};
}

// Whether all four choices give what the answer says.
bool agrees(const ZoneRules& rules, const Answer& answer) {
    const LocalTime wall{Seconds{answer.wall}};
    const bool once = answer.kind == '=';
    const bool twice = answer.kind == '2';
    const auto as = [&](Resolution overlapped) {
        return once ? Resolution::exact : twice ? overlapped : Resolution::gap_shifted;
    };
    const auto earlier =
        occurrence(answer.earlier, answer.earlier_offset, as(Resolution::overlap_earlier));
    const auto later = occurrence(answer.later, answer.later_offset, as(Resolution::overlap_later));
    const auto compatible = answer.compatible == answer.earlier ? earlier : later;

    const auto gives = [&](Disambiguation disambiguation, const auto& expected) {
        using Expected = std::decay_t<decltype(expected)>;
        const auto resolved = resolve(wall, rules, disambiguation);
        const auto* const found = std::get_if<Expected>(&resolved);
        return found != nullptr && *found == expected;
    };
    return compatible.due == Instant{Seconds{answer.compatible}} &&
           gives(Disambiguation::compatible, compatible) &&
           gives(Disambiguation::earlier, earlier) &&
           gives(Disambiguation::later, once ? earlier : later) &&
           (once ? gives(Disambiguation::reject, earlier)
                 : gives(Disambiguation::reject, OccurrenceRefused{twice, earlier, later})) &&
           wall_at(earlier.due, rules) == LocalTime{Seconds{answer.earlier} + earlier.offset} &&
           wall_at(later.due, rules) == LocalTime{Seconds{answer.later} + later.offset};
}

TEST(ZoneOracle, AgreesOnEveryWallClockOfEveryZone) {
    const auto database = ZoneDatabase::load(ZONEINFO);
    ASSERT_TRUE(database) << database.error().message;
    std::ifstream answers{ANSWERS};
    ASSERT_TRUE(answers) << "run ../zone_oracle.py, as ctest does";

    std::optional<Zone> zone;
    std::map<char, int> compared;
    std::size_t zones = 0;
    std::string line;
    while (std::getline(answers, line)) {
        if (line.rfind("zone ", 0) == 0) {
            zone = (*database)->find(line.substr(5));
            ASSERT_TRUE(zone) << line;
            ++zones;
            continue;
        }
        Answer answer;
        std::istringstream text{line};
        ASSERT_TRUE(zone && text >> answer) << line;
        ASSERT_TRUE(agrees(*zone->rules, answer)) << zone->given << ": " << line;
        ++compared[answer.kind];
    }
    EXPECT_EQ(zones, (*database)->size());
    EXPECT_GT(compared['='], 100'000);
    EXPECT_GT(compared['0'], 1'000);
    EXPECT_GT(compared['2'], 1'000);
    std::cout << zones << " zones of " << (*database)->version() << ": " << compared['=']
              << " wall clocks that occur once, " << compared['2'] << " twice, " << compared['0']
              << " never\n";
}

}  // namespace
}  // namespace slipway
