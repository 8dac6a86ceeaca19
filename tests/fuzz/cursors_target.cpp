// Parameters of lists. The bytes are a query; whatever it says, the pages that follow from one
// another are the list, each row once and in order.

#include "eventlog/base/check.h"
#include "server/api/resources/due_list.h"
#include "server/api/resources/events.h"
#include "server/http/message.h"
#include "tests/fuzz/target.h"
#include "tests/support/fixtures.h"
#include "tests/support/manual_clock.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace slipway {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRows = 24;

// Several at one instant, in two queues.
struct Lists {
    Lists() {
        for (std::uint32_t row = 0; row < kRows; ++row) {
            const DueEntry entry{kNoon + row / 4 * 1s, row};
            (row % 3 == 0 ? open : ended).add(entry);
            all.push_back(entry);
        }
    }
    DueQueue open;
    DueQueue ended;
    std::vector<DueEntry> all;
};

std::vector<std::uint32_t> expected_rows(const Lists& lists, const DueRange& range) {
    std::vector<std::uint32_t> rows;
    for (const DueEntry& entry : lists.all) {
        if (range.from && entry.at < *range.from) continue;
        if (range.to && entry.at > *range.to) continue;
        if (range.after && !(range.newest_first ? entry < *range.after : *range.after < entry)) {
            continue;
        }
        rows.push_back(entry.row);
    }
    if (range.newest_first) std::reverse(rows.begin(), rows.end());
    return rows;
}

std::optional<DueRange> read_query(const Request& request) {
    std::vector<FieldError> errors;
    Filters filters{request, errors};
    const DueRange range = read_range(filters, false);
    filters.finish();
    CHECK(range.limit >= 1 && range.limit <= kPageMax);
    if (!errors.empty()) return std::nullopt;
    return range;
}

// The page as it is answered. Each turn of its making is over at once.
Json page_of(const Lists& lists, const Request& request, const DueRange& range) {
    const auto queues = [&lists] {
        return std::vector<const DueQueue*>{&lists.open, &lists.ended};
    };
    const auto wants = [](std::uint32_t) { return true; };
    const auto write = [](JsonWriter& json, std::uint32_t row) {
        json.value(row);
        return DueRows::Rest{};
    };
    const ManualClock clock;
    const auto read = due_page(request, range, queues, {wants, write, true});
    std::optional<Reply> reply;
    while (!reply) reply = read->go_on(Turn{clock, 0ms});
    auto parsed = parse_json(reply->body);
    CHECK(std::holds_alternative<Json>(parsed));
    return std::get<Json>(std::move(parsed));
}

void check_pages(const DueRange& first, Request request) {
    static const Lists kLists;
    DueRange range = first;
    std::vector<std::uint32_t> rows;
    for (std::size_t pages = 0;; ++pages) {
        CHECK(pages <= kRows);
        const Json page = page_of(kLists, request, range);
        const auto found = page.at("result").get<std::vector<std::uint32_t>>();
        CHECK(found.size() <= range.limit);
        rows.insert(rows.end(), found.begin(), found.end());
        if (page.at("next_cursor").is_null()) break;
        std::erase_if(request.query, [](const auto& one) { return one.first == "cursor"; });
        request.query.emplace_back("cursor", page.at("next_cursor").get<std::string>());
        const auto next = read_query(request);
        CHECK(next && next->newest_first == first.newest_first && next->limit == first.limit);
        range = *next;
    }
    CHECK(rows == expected_rows(kLists, first));
}

// What is a position is its digits.
void check_position(const Request& request) {
    std::vector<FieldError> errors;
    Filters filters{request, errors};
    const Position after = read_position(filters, "after");
    const std::string* const text = request.parameter("after");
    if (text == nullptr || !errors.empty()) {
        CHECK(after == Position{} || !errors.empty());
        return;
    }
    CHECK(!text->empty() && text->find_first_not_of("0123456789") == std::string::npos);
    CHECK(text->substr(std::min(text->find_first_not_of('0'), text->size() - 1)) ==
          std::to_string(after.value));
}

void run(std::string_view bytes) {
    Request request;
    if (!parse_target("/v1/scheduled_deployments?" + std::string{bytes}, request)) return;
    check_position(request);
    std::vector<FieldError> errors;
    Filters filters{request, errors};
    EventFilters wanted;
    read_event_filters(filters, wanted);
    std::erase_if(request.query, [](const auto& one) { return one.first == "after"; });
    if (const auto range = read_query(request)) check_pages(*range, request);
}

const FuzzTarget kTarget{"cursors", run};

}  // namespace

}  // namespace slipway
