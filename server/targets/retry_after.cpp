#include "server/targets/retry_after.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <locale>
#include <sstream>
#include <string>

namespace slipway {

namespace {

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// `text` as a whole, in a form of date::parse().
std::optional<Instant> parsed(std::string_view text, const char* form) {
    std::istringstream in{std::string{text}};
    in.imbue(std::locale::classic());
    date::sys_seconds at;
    if (!(in >> date::parse(form, at)) || in.peek() != std::istringstream::traits_type::eof()) {
        return std::nullopt;
    }
    return Instant{at};
}

// The three forms. The day of the week follows from the rest, so it is not read.
//
//   Sun, 06 Nov 1994 08:49:37 GMT    Sunday, 06-Nov-94 08:49:37 GMT    Sun Nov  6 08:49:37 1994
std::optional<Instant> http_date_of(std::string_view text, Instant now) {
    const auto comma = text.find(", ");
    if (comma == std::string_view::npos) {
        constexpr std::string_view kForm = "Sun Nov  6 08:49:37 1994";
        if (text.size() != kForm.size() || text[3] != ' ') return std::nullopt;
        return parsed(text.substr(4), "%b %e %H:%M:%S %Y");
    }
    const auto rest = text.substr(comma + 2);
    if (auto at = parsed(rest, "%d %b %Y %H:%M:%S GMT")) return at;
    auto at = parsed(rest, "%d-%b-%y %H:%M:%S GMT");
    // Two digits of a year: one that appears to be over 50 years away has passed.
    if (at && *at > now + date::years{50}) *at -= date::years{100};
    return at;
}

}  // namespace

std::optional<Seconds> retry_after_of(std::string_view value, Instant now) {
    if (is_digits(value)) {
        // More digits than these are more than the limit, whatever they say.
        constexpr std::size_t kDigitsMax = 9;
        while (value.size() > 1 && value.front() == '0') value.remove_prefix(1);
        if (value.size() > kDigitsMax) return kRetryAfterMax;
        std::int64_t seconds = 0;
        std::from_chars(value.data(), value.data() + value.size(), seconds);
        return std::min(Seconds{seconds}, kRetryAfterMax);
    }
    const auto at = http_date_of(value, now);
    if (!at) return std::nullopt;
    // Rounded up: not before the date.
    return std::clamp(date::ceil<Seconds>(*at - now), Seconds{0}, kRetryAfterMax);
}

}  // namespace slipway
