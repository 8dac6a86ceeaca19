#include "tools/client/when.h"

#include "tools/client/machine.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

// A Saturday.
const LocalTime kNow = *local_of("2026-11-21T10:30:00");
const std::string kNewYork = "America/New_York";

std::string typed(std::string_view text) {
    const auto local = local_as_typed(text, kNow);
    return local ? to_text(*local) : "none";
}

std::int64_t duration(std::string_view text) {
    return duration_as_typed(text).value_or(Seconds{-1}).count();
}

// A zone of the zone database of this machine, whatever its own zone is.
std::string from_new_york(std::string_view text) {
    const auto at = instant_in(kNewYork, *local_of(text), machine_offset_at);
    return at ? to_text(*at) : "none";
}

TEST(LocalAsTyped, IsADateAndAClock) {
    EXPECT_EQ(typed("2027-02-10 03:00"), "2027-02-10T03:00:00");
    EXPECT_EQ(typed("2027-02-10T03:00"), "2027-02-10T03:00:00");
    EXPECT_EQ(typed("2027-02-10t03:00:30"), "2027-02-10T03:00:30");
    EXPECT_EQ(typed(" 2027-02-10  3:00 "), "2027-02-10T03:00:00");
}

TEST(LocalAsTyped, IsADayThatHasAName) {
    EXPECT_EQ(typed("today 03:00"), "2026-11-21T03:00:00");
    EXPECT_EQ(typed("tomorrow 03:00"), "2026-11-22T03:00:00");
    EXPECT_EQ(typed("Tomorrow 3:00"), "2026-11-22T03:00:00");
    EXPECT_EQ(typed("sunday 3:00"), "2026-11-22T03:00:00");
    EXPECT_EQ(typed("Fri 23:59"), "2026-11-27T23:59:00");
}

TEST(LocalAsTyped, IsTheNextDayOfThatNameOnceItsTimeIsOver) {
    EXPECT_EQ(typed("saturday 10:31"), "2026-11-21T10:31:00");
    EXPECT_EQ(typed("saturday 10:30"), "2026-11-28T10:30:00");
}

TEST(LocalAsTyped, IsAClockAloneTheNextTimeThatItShowsIt) {
    EXPECT_EQ(typed("11:00"), "2026-11-21T11:00:00");
    EXPECT_EQ(typed("10:30"), "2026-11-22T10:30:00");
    EXPECT_EQ(typed("3:00"), "2026-11-22T03:00:00");
}

TEST(LocalAsTyped, RefusesEverythingElse) {
    for (const auto* const text :
         {"", " ", "soon", "tomorrow", "2027-02-10", "2027-02-29 03:00", "2027-02-10 25:00",
          "2027-02-10 03:60", "2027-02-10 03", "2027-2-10 03:00", "10.02.2027 03:00", "3", "3:0",
          "tomorrow 3:00 am", "someday 03:00", "03:00 tomorrow", "-1:00", "2027-02-10T03:00Z"}) {
        EXPECT_EQ(typed(text), "none") << text;
    }
}

TEST(InstantAsTyped, MayLeaveOutItsSeconds) {
    EXPECT_EQ(instant_as_typed("2027-02-10T03:00-05:00"), instant_of("2027-02-10T08:00:00Z"));
    EXPECT_EQ(instant_as_typed("2027-02-10T03:00:30-05:00"), instant_of("2027-02-10T08:00:30Z"));
    EXPECT_EQ(instant_as_typed("2027-02-10T03:00Z"), instant_of("2027-02-10T03:00:00Z"));
    EXPECT_FALSE(instant_as_typed("2027-02-10T03:00"));
    EXPECT_FALSE(instant_as_typed(""));
}

TEST(IsZoned, IsADateWithItsZoneInBrackets) {
    EXPECT_TRUE(is_zoned("2027-02-10T03:00-05:00[America/New_York]"));
    EXPECT_TRUE(is_zoned("2027-02-10 03:00[UTC][u-ca=iso8601]"));
    EXPECT_FALSE(is_zoned("tomorrow 03:00[UTC]"));
    EXPECT_FALSE(is_zoned("2027-02-10T03:00-05:00"));
}

TEST(DurationAsTyped, SumsItsParts) {
    EXPECT_EQ(duration("45s"), 45);
    EXPECT_EQ(duration("90m"), 5'400);
    EXPECT_EQ(duration("90min"), 5'400);
    EXPECT_EQ(duration("2h"), 7'200);
    EXPECT_EQ(duration("1h30m"), 5'400);
    EXPECT_EQ(duration("2d"), 172'800);
    EXPECT_EQ(duration("1w"), 604'800);
}

TEST(DurationAsTyped, RefusesEverythingElse) {
    for (const auto* const text :
         {"", "2", "h", "2 h", "-2h", "2.5h", "2y", "99999999999h", "99999999999999999999h"}) {
        EXPECT_EQ(duration(text), -1) << text;
    }
}

TEST(InstantIn, FollowsTheClockOfTheZone) {
    EXPECT_EQ(from_new_york("2027-02-10T03:00"), "2027-02-10T08:00:00Z");
    EXPECT_EQ(from_new_york("2027-07-10T03:00"), "2027-07-10T07:00:00Z");
    EXPECT_EQ(from_new_york("2060-07-10T03:00"), "2060-07-10T07:00:00Z");
}

TEST(InstantIn, IsTheFirstOfTwo) {
    EXPECT_EQ(from_new_york("2027-11-07T01:30"), "2027-11-07T05:30:00Z");
}

TEST(LocalIn, AndBackIsTheSame) {
    for (const auto* const text : {"2027-03-14T07:00:00Z", "2027-11-07T05:59:59Z",
                                   "2027-11-07T07:00:00Z", "1999-12-31T23:59:59Z"}) {
        const auto local = local_in(kNewYork, *instant_of(text), machine_offset_at);
        ASSERT_TRUE(local);
        EXPECT_EQ(from_new_york(to_text(*local)), text);
    }
}

TEST(MachineOffsetAt, KnowsNoZoneOfAnotherName) {
    for (const auto* const zone : {"", "Mars/Phobos", "../../etc/passwd", "/etc/localtime", "EU"}) {
        EXPECT_FALSE(machine_offset_at(zone, Instant{})) << zone;
    }
}

TEST(ShownTime, NamesTheZoneAndTheInstant) {
    const Instant at = *instant_of("2027-02-10T08:00:00Z");
    EXPECT_EQ(shown_time(at, Seconds{-18'000}, kNewYork),
              "2027-02-10 03:00-05:00 America/New_York  (2027-02-10T08:00:00Z)");
    EXPECT_EQ(shown_time(at + Millis{5'250}, Seconds{0}, "UTC"),
              "2027-02-10 08:00:05 UTC  (2027-02-10T08:00:05.250Z)");
}

std::string guessed(const ZoneHints& hints) {
    const auto guess = guess_zone(hints);
    return guess ? guess->zone : "none";
}

TEST(GuessZone, AsksTzFirst) {
    EXPECT_EQ(guessed({"Asia/Tokyo", "/usr/share/zoneinfo/Europe/Berlin", {}}), "Asia/Tokyo");
    EXPECT_EQ(guessed({":Asia/Tokyo", {}, {}}), "Asia/Tokyo");
    EXPECT_EQ(guessed({"/usr/share/zoneinfo/Asia/Tokyo", {}, {}}), "Asia/Tokyo");
    EXPECT_EQ(guessed({"", "/usr/share/zoneinfo/Europe/Berlin", {}}), "UTC");
}

TEST(GuessZone, TakesNoOtherZoneInPlaceOfATzThatNamesNone) {
    EXPECT_EQ(guessed({"<+0330>-3:30", "/usr/share/zoneinfo/Europe/Berlin", {}}), "none");
    EXPECT_EQ(guessed({"../zone", {}, "Europe/Berlin"}), "none");
}

TEST(GuessZone, AsksTheLinkAndThenTheFile) {
    EXPECT_EQ(guessed({{}, "../usr/share/zoneinfo/Europe/Berlin", "Asia/Tokyo\n"}),
              "Europe/Berlin");
    EXPECT_EQ(guessed({{}, "", "Asia/Tokyo\n"}), "Asia/Tokyo");
    EXPECT_EQ(guessed({{}, "/somewhere/else", "\n"}), "none");
    EXPECT_EQ(guessed({{}, "", ""}), "none");
}

}  // namespace
}  // namespace slipway
