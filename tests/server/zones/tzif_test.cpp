#include "server/zones/tzif.h"

#include "server/zones/posix_zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::HasSubstr;

template <class Number>
std::string big_endian(Number number) {
    std::string out;
    for (int shift = static_cast<int>(sizeof(Number)) * 8; shift > 0;) {
        shift -= 8;
        out += static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xff);
    }
    return out;
}

struct Type {
    std::int32_t offset;
};

// The parts of a zone file, to be built right or wrong.
struct ZoneFile {
    char version = '2';
    std::vector<std::pair<std::int64_t, std::uint8_t>> transitions{};
    std::vector<Type> types{{0}};
    std::uint32_t leap_count = 0;
    std::uint32_t std_count = 0;
    std::string footer = "\nUTC0\n";

    std::string block(bool wide) const {
        std::string out = "TZif" + std::string(1, version) + std::string(15, '\0');
        const auto size = [](std::size_t count) {
            return big_endian(static_cast<std::uint32_t>(count));
        };
        out += size(0) + size(std_count) + size(leap_count) + size(transitions.size()) +
               size(types.size()) + size(4);
        for (const auto& [at, type] : transitions) {
            out += wide ? big_endian(at) : big_endian(static_cast<std::int32_t>(at));
        }
        for (const auto& [at, type] : transitions) out += static_cast<char>(type);
        for (const auto& type : types) out += big_endian(type.offset) + std::string(2, '\0');
        out += std::string{"LMT\0", 4};
        out += std::string(leap_count * (wide ? 12 : 8) + std_count, '\0');
        return out;
    }

    std::string bytes() const {
        return version == '\0' ? block(false) : block(false) + block(true) + footer;
    }
};

// New York's change to summer in 1970, and back as its footer has it.
ZoneFile new_york() {
    return {.transitions = {{9'961'200, 1}, {26'287'200, 0}},
            .types = {{-18000}, {-14400}},
            .footer = "\nEST5EDT,M3.2.0,M11.1.0\n"};
}

int offset_at(const ZoneRules& rules, std::string_view instant) {
    return static_cast<int>(rules.offset_at(*instant_of(instant)).count());
}

std::string error_of(const std::string& bytes) {
    const auto rules = parse_tzif(bytes);
    return rules ? "" : rules.error().message;
}

TEST(ParseTzif, TakesTransitionsAndThenTheFooter) {
    const auto rules = parse_tzif(new_york().bytes());
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_EQ(offset_at(*rules, "1970-04-26T06:59:59Z"), -18000);
    EXPECT_EQ(offset_at(*rules, "1970-04-26T07:00:00Z"), -14400);
    EXPECT_EQ(offset_at(*rules, "1970-11-01T05:59:59Z"), -14400);
    EXPECT_EQ(offset_at(*rules, "1970-11-01T06:00:00Z"), -18000);
    EXPECT_EQ(offset_at(*rules, "2100-07-01T00:00:00Z"), -14400);
}

TEST(ParseTzif, KeepsTheLastOffsetWithoutAFooter) {
    auto file = new_york();
    file.footer = "\n\n";
    const auto rules = parse_tzif(file.bytes());
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_EQ(offset_at(*rules, "2100-07-01T00:00:00Z"), -18000);
}

TEST(ParseTzif, TakesVersionOneAndLaterOnesThanWeKnow) {
    for (const char version : {'\0', '3', '4', '5'}) {
        auto file = new_york();
        file.version = version;
        const auto rules = parse_tzif(file.bytes());
        ASSERT_TRUE(rules) << rules.error().message;
        EXPECT_EQ(offset_at(*rules, "1970-07-01T00:00:00Z"), -14400);
        const bool has_footer = version != '\0';
        EXPECT_EQ(offset_at(*rules, "2100-07-01T00:00:00Z"), has_footer ? -14400 : -18000);
    }
}

TEST(ParseTzif, LeavesWhatFollowsTheFooterAlone) {
    EXPECT_TRUE(parse_tzif(new_york().bytes() + "more"));
}

TEST(ParseTzif, TakesOffsetsWithSeconds) {
    const ZoneFile monrovia{.transitions = {{63'593'070, 1}}, .types = {{-2670}, {0}}};
    const auto rules = parse_tzif(monrovia.bytes());
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_EQ(offset_at(*rules, "1972-01-07T00:44:29Z"), -2670);
    EXPECT_EQ(offset_at(*rules, "1972-01-07T00:44:30Z"), 0);
}

TEST(ParseTzif, TakesTransitionsSinceTheBeginningOfTime) {
    const ZoneFile file{.transitions = {{std::numeric_limits<std::int64_t>::min(), 0},
                                        {-(std::int64_t{1} << 59), 1}},
                        .types = {{0}, {3600}},
                        .footer = "\n<+01>-1\n"};
    const auto rules = parse_tzif(file.bytes());
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_EQ(offset_at(*rules, "1970-01-01T00:00:00Z"), 3600);
    EXPECT_EQ(rules->offset_at(Instant::min()), Seconds{3600});
    EXPECT_EQ(rules->offset_at(Instant::max()), Seconds{3600});
    EXPECT_EQ(rules->lookup(LocalTime::max()), LocalLookup{LocalUnique{Seconds{3600}}});
    EXPECT_EQ(rules->lookup(LocalTime::min()), LocalLookup{LocalUnique{Seconds{3600}}});
}

TEST(ParseTzif, RefusesAFileCutAnywhere) {
    for (const char version : {'\0', '2'}) {
        auto file = new_york();
        file.version = version;
        const auto bytes = file.bytes();
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(parse_tzif(std::string_view{bytes}.substr(0, size))) << size;
        }
    }
}

TEST(ParseTzif, RefusesCountsThatDoNotFit) {
    const auto whole = new_york().bytes();
    const auto second_header = whole.find("TZif", 1);
    for (const auto header : {std::size_t{0}, second_header}) {
        for (std::size_t count = 20; count < 44; count += 4) {
            for (const char byte : {'\x01', '\x7f', '\xff'}) {
                auto bytes = whole;
                bytes.replace(header + count, 4, 4, byte);
                EXPECT_THAT(error_of(bytes), HasSubstr("its counts say"));
            }
        }
    }
}

TEST(ParseTzif, AnyByteMayChangeWithoutHarm) {
    const auto whole = new_york().bytes();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (int value = 0; value < 256; ++value) {
            auto bytes = whole;
            bytes[at] = static_cast<char>(value);
            const auto rules = parse_tzif(bytes);
            if (!rules) continue;
            for (const auto* const wall : {"1970-04-26T02:30", "2027-03-14T02:30"}) {
                rules->lookup(*local_of(wall));
            }
        }
    }
}

TEST(ParseTzif, RefusesWhatContradictsItself) {
    EXPECT_EQ(error_of(std::string(100, 'x')), "the first bytes are not \"TZif\"");
    EXPECT_EQ(error_of(ZoneFile{.version = '1'}.bytes()),
              "the version is byte 49, expected 0 or a digit from 2");
    EXPECT_EQ(error_of(ZoneFile{.types = {}}.bytes()),
              "it has 0 local time types, expected 1 to 256");
    EXPECT_EQ(error_of(ZoneFile{.types = {{93'600}}}.bytes()),
              "an offset is 93600 seconds, expected less than 26 hours");
    EXPECT_EQ(error_of(ZoneFile{.transitions = {{5, 0}, {5, 0}}}.bytes()),
              "transition 2 is at 5, expected after 5");
    EXPECT_EQ(error_of(ZoneFile{.transitions = {{5, 1}}}.bytes()),
              "transition 1 is to type 1, there are 1");
    EXPECT_THAT(error_of(ZoneFile{.transitions = {{std::int64_t{1} << 60, 0}}}.bytes()),
                HasSubstr("expected before the year 20000"));
    EXPECT_THAT(error_of(ZoneFile{.std_count = 2}.bytes()),
                HasSubstr("2 indicators, expected none or 1"));
    EXPECT_THAT(error_of(ZoneFile{.leap_count = 1}.bytes()), HasSubstr("1 leap seconds"));
    EXPECT_THAT(error_of(ZoneFile{.footer = "UTC0\n"}.bytes()), HasSubstr("does not begin"));
    EXPECT_THAT(error_of(ZoneFile{.footer = "\nUTC0"}.bytes()), HasSubstr("does not end"));
    EXPECT_EQ(error_of(ZoneFile{.footer = "\nUTC\n"}.bytes()),
              "footer: column 4 of \"UTC\": expected hours, 0 to 24");
}

TEST(ParsePosixZone, TakesEveryForm) {
    const auto plain = parse_posix_zone("<+0330>-3:30:15");
    ASSERT_TRUE(plain);
    EXPECT_EQ(*plain, (YearlyRules{Seconds{12'615}, std::nullopt}));

    const auto both = parse_posix_zone("<-02>2<-01>,M3.5.0/-1,J60/167:59:59");
    ASSERT_TRUE(both) << both.error().message;
    const YearlyChange start{.month = 3, .week = 5, .weekday = 0, .time = Seconds{-3600}};
    const YearlyChange end{
        .form = YearlyChange::Form::julian_day, .day = 60, .time = Seconds{604'799}};
    EXPECT_EQ(*both, (YearlyRules{Seconds{-7200}, Daylight{Seconds{-3600}, start, end}}));

    const auto days = parse_posix_zone("IST-1GMT0,0,365/24");
    ASSERT_TRUE(days) << days.error().message;
    EXPECT_EQ(days->daylight->offset, Seconds{0});
    EXPECT_EQ(days->daylight->start.form, YearlyChange::Form::year_day);
    EXPECT_EQ(days->daylight->start.time, Seconds{7200});
    EXPECT_EQ(days->daylight->end.day, 365);
}

TEST(ParsePosixZone, RefusesEverythingElse) {
    for (const auto* const text : {"",
                                   "UT0",
                                   "UTC",
                                   "UTC25",
                                   "UTC0:60",
                                   "UTC0x",
                                   "<UTC",
                                   "<UT>0",
                                   "U1C0",
                                   "EST5EDT",
                                   "EST5EDT,",
                                   "EST5EDT,M3.2.0",
                                   "EST5EDT,M3.2.0,",
                                   "EST5EDT,M13.1.0,M11.1.0",
                                   "EST5EDT,M0.1.0,M11.1.0",
                                   "EST5EDT,M3.6.0,M11.1.0",
                                   "EST5EDT,M3.0.0,M11.1.0",
                                   "EST5EDT,M3.2.7,M11.1.0",
                                   "EST5EDT,J0,J365",
                                   "EST5EDT,J1,J366",
                                   "EST5EDT,0,366",
                                   "EST5EDT,0/168,1",
                                   "EST5EDT,0/-168,1",
                                   "EST5EDT,M3.2.0,M11.1.0,",
                                   "EST5EDT4,0,1/",
                                   "EST99999999999999999999",
                                   "EST5EDT,99999999999999999999,1",
                                   ":UTC",
                                   "EST+-5"}) {
        const auto rules = parse_posix_zone(text);
        ASSERT_FALSE(rules) << text;
        EXPECT_EQ(rules.error().code, ErrorCode::invalid);
    }
}

}  // namespace
}  // namespace slipway
