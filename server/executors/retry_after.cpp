#include "server/executors/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace slipway {

namespace {

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int> number_of(std::string_view digits) {
    int number = 0;
    if (!is_digits(digits)) return std::nullopt;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

std::optional<int> month_of(std::string_view name) {
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto* const at = std::ranges::find(kMonths, name);
    if (at == kMonths.end()) return std::nullopt;
    return static_cast<int>(at - kMonths.begin()) + 1;
}

// "Sun, 06 Nov 1994 08:49:37 GMT". The day of the week follows from the rest, so it is not read.
std::optional<Instant> http_date_of(std::string_view text) {
    constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
    if (text.size() != kForm.size()) return std::nullopt;
    for (const std::size_t i : {3U, 4U, 7U, 11U, 16U, 19U, 22U, 25U, 26U, 27U, 28U}) {
        if (text[i] != kForm[i]) return std::nullopt;
    }
    const auto day = number_of(text.substr(5, 2));
    const auto month = month_of(text.substr(8, 3));
    const auto year = number_of(text.substr(12, 4));
    const auto hour = number_of(text.substr(17, 2));
    const auto minute = number_of(text.substr(20, 2));
    const auto second = number_of(text.substr(23, 2));
    if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
    const auto local = local_of({*year, *month, *day, *hour, *minute, *second});
    if (!local) return std::nullopt;
    return Instant{local->time_since_epoch()};
}

}  // namespace

std::optional<Seconds> retry_after_of(std::string_view value, Instant now) {
    if (is_digits(value)) {
        // More digits than these are more than the limit, whatever they say.
        constexpr std::size_t kDigitsMax = 9;
        while (value.size() > 1 && value.front() == '0') value.remove_prefix(1);
        if (value.size() > kDigitsMax) return kRetryAfterMax;
        return std::min(Seconds{*number_of(value)}, kRetryAfterMax);
    }
    const auto date = http_date_of(value);
    if (!date) return std::nullopt;
    // Rounded up: not before the date.
    return std::clamp(date::ceil<Seconds>(*date - now), Seconds{0}, kRetryAfterMax);
}

}  // namespace slipway
