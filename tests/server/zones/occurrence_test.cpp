#include "server/domain/occurrence.h"

#include "server/zones/posix_zone.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

ZoneRules rules_of(std::string_view posix_zone) {
    return {Seconds{0}, {}, *parse_posix_zone(posix_zone)};
}

// What `wall` becomes, as "2027-03-14T07:30:00Z -14400 gap_shifted".
std::string resolved(std::string_view wall, std::string_view posix_zone,
                     Disambiguation disambiguation = Disambiguation::compatible) {
    const auto result = resolve(*local_of(wall), rules_of(posix_zone), disambiguation);
    const auto text = [](const Occurrence& occurrence) {
        return to_text(occurrence.due) + " " + std::to_string(occurrence.offset.count()) + " " +
               std::string{name_of(occurrence.resolution)};
    };
    if (const auto* const refused = std::get_if<OccurrenceRefused>(&result)) {
        return (refused->ambiguous ? "ambiguous: " : "nonexistent: ") + text(refused->earlier) +
               ", " + text(refused->later);
    }
    return text(std::get<Occurrence>(result));
}

constexpr auto kNewYork = "EST5EDT,M3.2.0,M11.1.0";
constexpr auto kDublin = "IST-1GMT0,M10.5.0,M3.5.0/1";
constexpr auto kLordHowe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";
constexpr auto kTroll = "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3";

TEST(Resolve, AnOrdinaryWallClockIsExact) {
    EXPECT_EQ(resolved("2027-02-10T03:00", kNewYork), "2027-02-10T08:00:00Z -18000 exact");
    EXPECT_EQ(resolved("2027-07-10T03:00", kNewYork), "2027-07-10T07:00:00Z -14400 exact");
    EXPECT_EQ(resolved("2027-07-10T03:00", kNewYork, Disambiguation::reject),
              "2027-07-10T07:00:00Z -14400 exact");
    EXPECT_EQ(resolved("9999-12-31T23:59", "UTC0"), "9999-12-31T23:59:00Z 0 exact");
}

TEST(Resolve, AGapShiftsForwardByItsLength) {
    EXPECT_EQ(resolved("2027-03-14T02:30", kNewYork), "2027-03-14T07:30:00Z -14400 gap_shifted");
    EXPECT_EQ(resolved("2027-03-14T02:30", kNewYork, Disambiguation::later),
              "2027-03-14T07:30:00Z -14400 gap_shifted");
}

TEST(Resolve, AGapShiftsBackwardIfTheEarlierIsWanted) {
    EXPECT_EQ(resolved("2027-03-14T02:30", kNewYork, Disambiguation::earlier),
              "2027-03-14T06:30:00Z -18000 gap_shifted");
}

TEST(Resolve, AGapBeginsAtTheTransitionAndEndsBeforeItsLength) {
    EXPECT_EQ(resolved("2027-03-14T01:59:59", kNewYork), "2027-03-14T06:59:59Z -18000 exact");
    EXPECT_EQ(resolved("2027-03-14T02:00:00", kNewYork), "2027-03-14T07:00:00Z -14400 gap_shifted");
    EXPECT_EQ(resolved("2027-03-14T02:59:59", kNewYork), "2027-03-14T07:59:59Z -14400 gap_shifted");
    EXPECT_EQ(resolved("2027-03-14T03:00:00", kNewYork), "2027-03-14T07:00:00Z -14400 exact");
}

TEST(Resolve, AnOverlapIsTheEarlierUnlessTheLaterIsWanted) {
    EXPECT_EQ(resolved("2027-11-07T01:30", kNewYork),
              "2027-11-07T05:30:00Z -14400 overlap_earlier");
    EXPECT_EQ(resolved("2027-11-07T01:30", kNewYork, Disambiguation::earlier),
              "2027-11-07T05:30:00Z -14400 overlap_earlier");
    EXPECT_EQ(resolved("2027-11-07T01:30", kNewYork, Disambiguation::later),
              "2027-11-07T06:30:00Z -18000 overlap_later");
}

TEST(Resolve, RefusesWithBothCandidatesIfAsked) {
    EXPECT_EQ(resolved("2027-03-14T02:30", kNewYork, Disambiguation::reject),
              "nonexistent: 2027-03-14T06:30:00Z -18000 gap_shifted, "
              "2027-03-14T07:30:00Z -14400 gap_shifted");
    EXPECT_EQ(resolved("2027-11-07T01:30", kNewYork, Disambiguation::reject),
              "ambiguous: 2027-11-07T05:30:00Z -14400 overlap_earlier, "
              "2027-11-07T06:30:00Z -18000 overlap_later");
}

TEST(Resolve, FollowsRulesThatAreNotOneHourOfSummer) {
    EXPECT_EQ(resolved("2027-03-28T01:30", kDublin), "2027-03-28T01:30:00Z 3600 gap_shifted");
    EXPECT_EQ(resolved("2027-10-31T01:30", kDublin), "2027-10-31T00:30:00Z 3600 overlap_earlier");
    EXPECT_EQ(resolved("2027-10-03T02:15", kLordHowe), "2027-10-02T15:45:00Z 39600 gap_shifted");
    EXPECT_EQ(resolved("2027-04-04T01:45", kLordHowe, Disambiguation::later),
              "2027-04-03T15:15:00Z 37800 overlap_later");
    EXPECT_EQ(resolved("2027-03-28T02:30", kTroll), "2027-03-28T02:30:00Z 7200 gap_shifted");
}

TEST(Resolve, FollowsAFooterForThousandsOfYears) {
    EXPECT_EQ(resolved("2100-07-01T12:00", kNewYork), "2100-07-01T16:00:00Z -14400 exact");
    EXPECT_EQ(resolved("9999-07-01T12:00", kNewYork), "9999-07-01T16:00:00Z -14400 exact");
    EXPECT_EQ(resolved("9999-12-31T23:59", "<+14>-14"), "9999-12-31T09:59:00Z 50400 exact");
}

TEST(Resolve, IsExactAllYearIfDaylightTimeNeverEnds) {
    for (const auto* const zone :
         {"EST5EDT,0/0,J365/25", "XXX3EDT4,0/0,J365/23", "EST5EDT,0/-30,J365/90"}) {
        for (const auto* const wall :
             {"2027-01-01T00:00", "2027-12-31T23:59:59", "2028-01-01T00:00", "2028-06-01T12:00"}) {
            EXPECT_EQ(resolved(wall, zone),
                      to_text(Instant{local_of(wall)->time_since_epoch() + std::chrono::hours{4}}) +
                          " -14400 exact");
        }
    }
}

TEST(Resolve, NeverHasADaylightTimeOfNoLength) {
    EXPECT_EQ(resolved("2027-04-10T00:00", "AAA0BBB-1,100/0,100/1"),
              "2027-04-10T00:00:00Z 0 exact");
    EXPECT_EQ(resolved("2027-04-11T12:00", "AAA0BBB-1,100/0,100/1"),
              "2027-04-11T12:00:00Z 0 exact");
}

TEST(Resolve, FollowsChangesThatLieInAnotherYear) {
    // On 31 December at 167 hours: 6 January, 23:00.
    EXPECT_EQ(resolved("2028-01-06T22:30", "AAA0BBB-1,J365/167,J100/0"),
              "2028-01-06T22:30:00Z 0 exact");
    EXPECT_EQ(resolved("2028-01-06T23:30", "AAA0BBB-1,J365/167,J100/0"),
              "2028-01-06T23:30:00Z 3600 gap_shifted");
    // On 1 January at -3 hours: 31 December, 21:00.
    EXPECT_EQ(resolved("2027-12-31T21:30", "AAA0BBB-1,0/-3,J100/0"),
              "2027-12-31T21:30:00Z 3600 gap_shifted");
    EXPECT_EQ(resolved("2028-01-01T00:30", "AAA0BBB-1,0/-3,J100/0"),
              "2027-12-31T23:30:00Z 3600 exact");
    // New year in UTC is another year on the wall.
    EXPECT_EQ(resolved("2028-01-01T00:30", "AAA-14BBB,0/0,J100/0"),
              "2027-12-31T10:30:00Z 54000 gap_shifted");
}

TEST(WallAt, IsTheClockOnTheWall) {
    const auto new_york = rules_of(kNewYork);
    EXPECT_EQ(wall_at(*instant_of("2027-03-14T06:59:59.999Z"), new_york),
              *local_of("2027-03-14T01:59:59"));
    EXPECT_EQ(wall_at(*instant_of("2027-03-14T07:00:00Z"), new_york),
              *local_of("2027-03-14T03:00:00"));
    EXPECT_EQ(wall_at(*instant_of("1969-12-31T23:59:59.5Z"), rules_of("UTC0")),
              *local_of("1969-12-31T23:59:59"));
}

}  // namespace
}  // namespace slipway
