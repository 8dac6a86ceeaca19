#include "server/auth/authorization.h"

#include "eventlog/base/ascii.h"

#include <set>

namespace slipway {

namespace {

constexpr std::size_t kPartBytes = 6;

// Letters and digits alone, in lower case: what wrapping, quoting and escaping leave as it is.
std::string folded(std::string_view text) {
    std::string kept;
    for (const char c : text) {
        const char lower = lower_case(c);
        if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) kept += lower;
    }
    return kept;
}

// What six of its letters and digits in a row can be; views of `folded_text`.
std::set<std::string_view> runs_of(std::string_view folded_text) {
    std::set<std::string_view> runs;
    for (std::size_t i = 0; i + kPartBytes <= folded_text.size(); ++i) {
        runs.insert(folded_text.substr(i, kPartBytes));
    }
    return runs;
}

bool has_part_of(std::string_view text, const std::set<std::string_view>& runs,
                 std::string_view secret) {
    // Of one that is hardly letters there is nothing but itself to look for.
    const std::string looked_for = folded(secret);
    if (looked_for.size() < kPartBytes) return text.find(secret) != std::string_view::npos;
    for (std::size_t i = 0; i + kPartBytes <= looked_for.size(); ++i) {
        if (runs.contains(std::string_view{looked_for}.substr(i, kPartBytes))) return true;
    }
    return false;
}

}  // namespace

bool tells(std::string_view text, const Authorization& authorization) {
    const std::string folded_text = folded(text);
    const auto runs = runs_of(folded_text);
    // Behind the scheme: what Basic makes of it.
    const std::string_view value = authorization.value;
    return has_part_of(text, runs, authorization.secret) ||
           has_part_of(text, runs, value.substr(value.find(' ') + 1));
}

}  // namespace slipway
