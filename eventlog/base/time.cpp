#include "eventlog/base/time.h"

#include <array>
#include <charconv>
#include <cstdlib>

namespace slipway {

namespace {

void append_digits(std::string& out, int value, int width) {
    std::array<char, 8> digits;
    for (int i = width; i-- > 0; value /= 10) {
        digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    }
    out.append(digits.data(), static_cast<std::size_t>(width));
}

void append_civil(std::string& out, const CivilTime& civil) {
    append_digits(out, civil.year, 4);
    out += '-';
    append_digits(out, civil.month, 2);
    out += '-';
    append_digits(out, civil.day, 2);
    out += 'T';
    append_digits(out, civil.hour, 2);
    out += ':';
    append_digits(out, civil.minute, 2);
    out += ':';
    append_digits(out, civil.second, 2);
}

// Reads a text from left to right; once something does not fit, nothing fits any more.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    int digits(std::size_t width) {
        int value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            if (text_.size() <= i || text_[i] < '0' || text_[i] > '9') return fail();
            value = value * 10 + (text_[i] - '0');
        }
        text_.remove_prefix(width);
        return value;
    }
    bool take(char c) {
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!take(c)) fail();
    }
    bool good() const { return good_; }
    bool at_end() const { return good_ && text_.empty(); }

  private:
    int fail() {
        good_ = false;
        text_ = {};
        return 0;
    }

    std::string_view text_;
    bool good_ = true;
};

CivilTime read_civil(Reader& reader, bool seconds_required) {
    CivilTime civil;
    civil.year = reader.digits(4);
    reader.expect('-');
    civil.month = reader.digits(2);
    reader.expect('-');
    civil.day = reader.digits(2);
    if (!reader.take('T') && !reader.take('t')) reader.expect(' ');
    civil.hour = reader.digits(2);
    reader.expect(':');
    civil.minute = reader.digits(2);
    if (reader.take(':')) {
        civil.second = reader.digits(2);
    } else if (seconds_required) {
        reader.expect(':');
    }
    return civil;
}

Millis read_fraction(Reader& reader) {
    if (!reader.take('.')) return Millis{0};
    int millis = 0;
    int count = 0;
    while (reader.good() && count < 9) {
        Reader ahead = reader;
        const int digit = ahead.digits(1);
        if (!ahead.good()) break;
        if (count < 3) millis = millis * 10 + digit;
        ++count;
        reader = ahead;
    }
    if (count == 0) reader.expect('0');
    for (int i = count; i < 3; ++i) millis *= 10;
    return Millis{millis};
}

Seconds read_offset(Reader& reader) {
    if (reader.take('Z') || reader.take('z')) return Seconds{0};
    const bool west = reader.take('-');
    if (!west) reader.expect('+');
    const int hours = reader.digits(2);
    reader.expect(':');
    const int minutes = reader.digits(2);
    if (hours > 23 || minutes > 59) reader.expect('\0');
    const Seconds offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
    return west ? -offset : offset;
}

}  // namespace

std::optional<LocalTime> local_of(const CivilTime& civil) {
    if (civil.year < 0 || civil.year > kYearMax || civil.month < 1 || civil.month > 12) return {};
    if (civil.day < 1 || civil.day > 31) return {};
    if (civil.hour < 0 || civil.hour > 23 || civil.minute < 0 || civil.minute > 59) return {};
    if (civil.second < 0 || civil.second > 59) return {};
    const date::year_month_day day{date::year{civil.year},
                                   date::month{static_cast<unsigned>(civil.month)},
                                   date::day{static_cast<unsigned>(civil.day)}};
    if (!day.ok()) return {};
    return date::local_days{day} + std::chrono::hours{civil.hour} +
           std::chrono::minutes{civil.minute} + Seconds{civil.second};
}

CivilTime civil_of(LocalTime local) {
    const auto days = date::floor<date::days>(local);
    const date::year_month_day day{days};
    const auto seconds = static_cast<int>((local - days).count());
    return {int{day.year()},
            static_cast<int>(unsigned{day.month()}),
            static_cast<int>(unsigned{day.day()}),
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60};
}

void append_text(std::string& out, Instant instant) {
    const auto seconds = date::floor<Seconds>(instant);
    append_civil(out, civil_of(LocalTime{seconds.time_since_epoch()}));
    const auto millis = static_cast<int>((instant - seconds).count());
    if (millis != 0) {
        out += '.';
        append_digits(out, millis, 3);
    }
    out += 'Z';
}

void append_text(std::string& out, LocalTime local) {
    append_civil(out, civil_of(local));
}

std::string to_text(Instant instant) {
    std::string out;
    append_text(out, instant);
    return out;
}

std::string to_text(LocalTime local) {
    std::string out;
    append_text(out, local);
    return out;
}

std::string offset_text(Seconds offset) {
    const auto seconds = static_cast<int>(std::abs(offset.count()));
    std::string out{offset.count() < 0 ? '-' : '+'};
    append_digits(out, seconds / 3600, 2);
    out += ':';
    append_digits(out, seconds / 60 % 60, 2);
    if (seconds % 60 == 0) return out;
    out += ':';
    append_digits(out, seconds % 60, 2);
    return out;
}

std::optional<Instant> instant_of(std::string_view text) {
    Reader reader{text};
    const auto local = local_of(read_civil(reader, true));
    const auto fraction = read_fraction(reader);
    const auto offset = read_offset(reader);
    if (!reader.at_end() || !local) return {};
    // With its offset it may lie in a year that has no four digits: no text could say it.
    const LocalTime in_utc = *local - offset;
    if (local_of(civil_of(in_utc)) != in_utc) return {};
    return Instant{in_utc.time_since_epoch() + fraction};
}

std::optional<LocalTime> local_of(std::string_view text) {
    Reader reader{text};
    const auto local = local_of(read_civil(reader, false));
    if (!reader.at_end()) return {};
    return local;
}

}  // namespace slipway
