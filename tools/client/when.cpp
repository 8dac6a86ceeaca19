#include "tools/client/when.h"

#include "eventlog/base/ascii.h"
#include "eventlog/base/quote.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace slipway {

namespace {

constexpr Seconds kDay = std::chrono::hours{24};

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return "";
    return std::string{text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin)};
}

// The day and the clock of what was typed; the day is empty if only a clock was.
std::pair<std::string, std::string> split(std::string_view text) {
    const std::string lower = lower_case(trimmed(text));
    constexpr std::size_t kDateBytes = 10;
    if (lower.size() > kDateBytes && lower[kDateBytes] == 't') {
        return {lower.substr(0, kDateBytes), lower.substr(kDateBytes + 1)};
    }
    const auto blank = lower.find_last_of(' ');
    if (blank == std::string::npos) return {"", lower};
    return {trimmed(lower.substr(0, blank)), lower.substr(blank + 1)};
}

std::optional<LocalTime> midnight_of_date(const std::string& day) {
    return local_of(day + "T00:00");
}

// 3:00, 03:00 or 03:00:00, as the time since midnight.
std::optional<Seconds> clock_as_typed(const std::string& text) {
    const auto padded = text.find(':') == 1 ? "0" + text : text;
    const auto at = local_of("1970-01-01T" + padded);
    if (!at) return std::nullopt;
    return at->time_since_epoch();
}

// Days from `today` to the day of that name, 0 to 6; three letters are enough.
std::optional<int> days_to(std::string_view name, LocalTime today) {
    constexpr std::array<std::string_view, 7> kNames = {
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
    const date::weekday now{date::local_days{date::floor<date::days>(today)}};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (name != kNames[i] && name != kNames[i].substr(0, 3)) continue;
        return static_cast<int>((i + 7 - now.c_encoding()) % 7);
    }
    return std::nullopt;
}

std::optional<Seconds> unit_of(std::string_view name) {
    if (name == "s") return Seconds{1};
    if (name == "m" || name == "min") return Seconds{60};
    if (name == "h") return Seconds{3600};
    if (name == "d") return kDay;
    if (name == "w") return 7 * kDay;
    return std::nullopt;
}

bool is_zone_name(std::string_view text) {
    return !text.empty() && text.front() != '/' && text.find("..") == std::string_view::npos &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '/' || c == '_' || c == '-' || c == '+';
           });
}

// The zone in a path such as /usr/share/zoneinfo/Europe/Berlin; other text as it is.
std::string zone_in_path(std::string_view text) {
    constexpr std::string_view kFolder = "zoneinfo/";
    const auto at = text.rfind(kFolder);
    return std::string{at == std::string_view::npos ? text : text.substr(at + kFolder.size())};
}

}  // namespace

bool is_absolute(std::string_view text) {
    return midnight_of_date(split(text).first).has_value();
}

bool is_zoned(std::string_view text) {
    constexpr std::size_t kDateBytes = 10;
    return text.ends_with(']') && text.find('[') != std::string_view::npos &&
           midnight_of_date(std::string{text.substr(0, kDateBytes)}).has_value();
}

std::optional<Instant> instant_as_typed(std::string_view text) {
    constexpr std::size_t kMinutesBytes = 16;  // 2027-02-10T03:00
    std::string whole = trimmed(text);
    if (whole.size() > kMinutesBytes && whole[kMinutesBytes] != ':') {
        whole.insert(kMinutesBytes, ":00");
    }
    return instant_of(whole);
}

std::optional<LocalTime> local_as_typed(std::string_view text, LocalTime now) {
    const auto [day, clock_text] = split(text);
    const auto clock = clock_as_typed(clock_text);
    if (!clock) return std::nullopt;
    if (const auto date = midnight_of_date(day)) return *date + *clock;
    const LocalTime today = date::floor<date::days>(now);
    const bool is_over = today + *clock <= now;
    if (day.empty()) return today + *clock + (is_over ? kDay : Seconds{0});
    if (day == "today") return today + *clock;
    if (day == "tomorrow") return today + kDay + *clock;
    const auto days = days_to(day, today);
    if (!days) return std::nullopt;
    return today + (*days == 0 && is_over ? 7 : *days) * kDay + *clock;
}

std::optional<Seconds> duration_as_typed(std::string_view text) {
    constexpr std::int64_t kNumberMax = 1'000'000;  // so that no sum overflows
    Seconds sum{0};
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        std::int64_t number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (read.ec != std::errc{} || number < 0 || number > kNumberMax) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
        const auto end = std::min(text.find_first_of("0123456789"), text.size());
        const auto unit = unit_of(text.substr(0, end));
        if (!unit) return std::nullopt;
        sum += number * *unit;
        text.remove_prefix(end);
    }
    return sum;
}

std::optional<LocalTime> local_in(const std::string& zone, Instant at, const OffsetAt& offset_at) {
    const auto offset = offset_at(zone, at);
    if (!offset) return std::nullopt;
    return LocalTime{date::floor<Seconds>(at).time_since_epoch() + *offset};
}

std::optional<Instant> instant_in(const std::string& zone, LocalTime local,
                                  const OffsetAt& offset_at) {
    // No clock is set twice within two days, so one of these two offsets holds.
    const Instant as_utc{local.time_since_epoch()};
    const auto before = offset_at(zone, as_utc - kDay);
    const auto after = offset_at(zone, as_utc + kDay);
    if (!before || !after) return std::nullopt;
    const Instant earlier = as_utc - *before;
    return offset_at(zone, earlier) == before ? earlier : as_utc - *after;
}

std::string shown_time(Instant at, Seconds offset, std::string_view zone) {
    const LocalTime local{date::floor<Seconds>(at).time_since_epoch() + offset};
    std::string text = to_text(local);
    text[text.find('T')] = ' ';
    if (text.ends_with(":00")) text.resize(text.size() - 3);
    if (zone != "UTC") text += offset_text(offset);
    return text + " " + std::string{zone} + "  (" + to_text(at) + ")";
}

std::optional<ZoneGuess> guess_zone(const ZoneHints& hints) {
    if (hints.tz) {
        std::string zone = *hints.tz;
        if (zone.starts_with(':')) zone.erase(0, 1);
        if (zone.empty()) return ZoneGuess{"UTC", "TZ is empty"};
        zone = zone_in_path(zone);
        if (!is_zone_name(zone)) return std::nullopt;
        return ZoneGuess{zone, "TZ says so"};
    }
    const std::string linked = zone_in_path(hints.localtime_link);
    if (linked != hints.localtime_link && is_zone_name(linked)) {
        return ZoneGuess{linked, "/etc/localtime says so"};
    }
    const std::string written = trimmed(hints.timezone_file);
    if (is_zone_name(written)) return ZoneGuess{written, "/etc/timezone says so"};
    return std::nullopt;
}

std::string no_such_zone_here(const std::string& zone) {
    return "--tz: is " + in_quotes(zone) + ", which this machine's zone database does not have";
}

}  // namespace slipway
