// What targets answer: the header Retry-After, and the beginning of a body that is kept.

#include "eventlog/base/check.h"
#include "eventlog/base/json_writer.h"
#include "server/api/json.h"
#include "server/targets/excerpt.h"
#include "server/targets/retry_after.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/text.h"
#include "tests/support/fixtures.h"

namespace slipway {

namespace {

void check_retry_after(std::string_view value) {
    const auto wait = retry_after_of(value, kNoon);
    if (!wait) return;
    CHECK(*wait >= Seconds{0} && *wait <= kRetryAfterMax);
    const std::string seconds = std::to_string(wait->count());
    CHECK(retry_after_of(seconds, kNoon) == wait);
    // The later it is, the less there is to wait for a date; seconds count from when it is read.
    const auto later = retry_after_of(value, kNoon + Seconds{10});
    CHECK(later && *later <= *wait);
}

void check_excerpt(std::string_view text, std::size_t bytes_max) {
    const std::string line = excerpt_of(text, bytes_max);
    CHECK(line.size() <= bytes_max);
    CHECK(excerpt_of(line, bytes_max) == line);
    CHECK(!line.starts_with(' ') && !line.ends_with(' '));
    CHECK(line.find("  ") == std::string::npos);
    CHECK(!has_control(line));
    // It can be told in JSON.
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member("detail", line);
    writer.end_object();
    const auto parsed = parse_json(json);
    const auto* const told = std::get_if<Json>(&parsed);
    CHECK(told != nullptr && told->at("detail") == line);
}

void run(std::string_view bytes) {
    check_retry_after(bytes);
    check_excerpt(bytes, 500);
    check_excerpt(bytes, bytes.size() / 2);
}

const FuzzTarget kTarget{"answers", run};

}  // namespace

}  // namespace slipway
