#include "server/zones/posix_zone.h"

// zone   = name offset [ name [ offset ] "," change "," change ]
// name   = 3*letter / "<" 3*( letter / digit / "+" / "-" ) ">"
// offset = [ "+" / "-" ] hours [ ":" minutes [ ":" seconds ] ]     west is positive
// change = ( "M" month "." week "." weekday / "J" day / day ) [ "/" offset ]

namespace slipway {

namespace {

constexpr int kOffsetHoursMax = 24;
constexpr int kChangeHoursMax = 167;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Reads from left to right. The first thing that does not fit is kept, and nothing fits after it.
class PosixZoneParser {
  public:
    explicit PosixZoneParser(std::string_view text) : text_(text) {}

    Result<YearlyRules> parse() {
        YearlyRules rules;
        name();
        rules.standard = -time(kOffsetHoursMax);
        if (good() && at_ < text_.size()) rules.daylight = daylight(rules.standard);
        if (good() && at_ < text_.size()) fail("the end");
        if (good()) return rules;
        return Error{ErrorCode::invalid, "column " + std::to_string(failed_at_ + 1) + " of \"" +
                                             std::string{text_} + "\": expected " + expected_};
    }

  private:
    Daylight daylight(Seconds standard) {
        Daylight daylight;
        name();
        daylight.offset = standard + std::chrono::hours{1};
        if (good() && !ahead(',')) daylight.offset = -time(kOffsetHoursMax);
        expect(',', "a comma and the rule of a change");
        daylight.start = change();
        expect(',', "a comma and the rule of a second change");
        daylight.end = change();
        return daylight;
    }

    void name() {
        const bool quoted = take('<');
        const auto start = at_;
        while (at_ < text_.size() && belongs_to_name(text_[at_], quoted)) ++at_;
        if (at_ - start < 3) fail("a name of three letters or more");
        if (quoted) expect('>', ">");
    }

    static bool belongs_to_name(char c, bool quoted) {
        return is_letter(c) || (quoted && (is_digit(c) || c == '+' || c == '-'));
    }

    YearlyChange change() {
        YearlyChange change;
        if (take('M')) {
            change.form = YearlyChange::Form::month_week_day;
            change.month = number(1, 12, "a month, 1 to 12");
            expect('.', ". and a week");
            change.week = number(1, 5, "a week, 1 to 5");
            expect('.', ". and a weekday");
            change.weekday = number(0, 6, "a weekday, 0 to 6");
        } else if (take('J')) {
            change.form = YearlyChange::Form::julian_day;
            change.day = number(1, 365, "a day of the year, 1 to 365");
        } else {
            change.form = YearlyChange::Form::year_day;
            change.day = number(0, 365, "M, J or a day of the year, 0 to 365");
        }
        if (good() && take('/')) change.time = time(kChangeHoursMax);
        return change;
    }

    Seconds time(int hours_max) {
        const bool negative = take('-');
        if (!negative) take('+');
        Seconds time = std::chrono::hours{number(
            0, hours_max, hours_max == kOffsetHoursMax ? "hours, 0 to 24" : "hours, 0 to 167")};
        if (take(':')) {
            time += std::chrono::minutes{number(0, 59, "minutes, 0 to 59")};
            if (take(':')) time += Seconds{number(0, 59, "seconds, 0 to 59")};
        }
        return negative ? -time : time;
    }

    int number(int min, int max, const char* what) {
        const auto start = at_;
        int value = 0;
        while (at_ < text_.size() && is_digit(text_[at_]) && value <= max) {
            value = value * 10 + (text_[at_++] - '0');
        }
        if (at_ == start || value < min || value > max) {
            at_ = start;
            fail(what);
        }
        return value;
    }

    bool good() const { return expected_.empty(); }
    bool ahead(char c) const { return good() && at_ < text_.size() && text_[at_] == c; }

    bool take(char c) {
        if (!ahead(c)) return false;
        ++at_;
        return true;
    }

    void expect(char c, const char* what) {
        if (!take(c)) fail(what);
    }

    void fail(const char* what) {
        if (!good()) return;
        expected_ = what;
        failed_at_ = at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t failed_at_ = 0;
    std::string expected_;
};

}  // namespace

Result<YearlyRules> parse_posix_zone(std::string_view text) {
    return PosixZoneParser{text}.parse();
}

}  // namespace slipway
