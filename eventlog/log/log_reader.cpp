#include "eventlog/log/log_reader.h"

#include "eventlog/base/check.h"

#include <algorithm>
#include <map>
#include <optional>

namespace slipway {

namespace {

// Records whose bytes are held in memory together while a damaged one is looked for.
constexpr std::uint64_t kLookedAtOnce = 32;

std::string position_text(Position position) {
    return std::to_string(position.value);
}

}  // namespace

Result<StoredRecord> LogReader::read(Position position) const {
    const auto bytes = store_.get(event_key(position));
    if (!bytes) {
        return Error{bytes.error().code,
                     "log: position " + position_text(position) + ": " + bytes.error().message};
    }
    const auto record = read_record(position, *bytes);
    if (!record) return record.error();
    return StoredRecord{position, std::string{record->payload}, record->digest};
}

Result<Digest> LogReader::digest_at(Position position) const {
    if (position.value == 0) return genesis_digest(log_id());
    const auto record = read(position);
    if (!record) return record.error();
    return record->digest;
}

Result<void> LogReader::scan(Position from, Position to, const Visitor& visit) const {
    if (from > to) return {};
    CHECK(from.value >= 1);
    auto previous = digest_at(Position{from.value - 1});
    if (!previous) return previous.error();
    Position expected = from;
    std::optional<Error> wrong;
    std::optional<Error> refused;  // by the visitor
    bool ended = false;
    const auto scanned =
        store_.scan(event_key(from), event_key(Position{to.value + 1}), Order::ascending,
                    [&](std::string_view key, std::string_view value) {
                        const auto found = position_of_event_key(key);
                        if (!found || *found != expected) return false;  // a hole; told below
                        const auto record = read_record(expected, value);
                        if (!record) {
                            wrong = record.error();
                            return false;
                        }
                        if (!follows(*previous, *record, value)) {
                            wrong = Error{ErrorCode::corruption,
                                          "log: record at position " + position_text(expected) +
                                              ": its digest does not follow from the one before"};
                            return false;
                        }
                        *previous = record->digest;
                        ++expected.value;
                        const auto goes_on = visit(*record);
                        if (!goes_on) refused = goes_on.error();
                        ended = !goes_on || !*goes_on;
                        return !ended;
                    });
    if (refused) return *refused;
    if (!wrong && !scanned) {
        expected = first_damaged(expected, to, *previous);
        wrong = Error{scanned.error().code, "log: position " + position_text(expected) +
                                                " cannot be read: " + scanned.error().message};
    }
    if (!wrong && !ended && expected.value != to.value + 1) {
        wrong = Error{ErrorCode::corruption,
                      "log: position " + position_text(expected) + " is missing"};
    }
    if (!wrong) return {};
    if (expected > from)
        wrong->message += "; good up to " + position_text(Position{expected.value - 1});
    return *wrong;
}

// The first position in [from, to] whose record is not there as it was written, where `previous` is
// the digest before `from`. It is `from` itself if each record is whole.
//
// A store may refuse a whole block of records for one bad byte. Each record proves itself, so they
// are read without the store's own checksums, up to where the store reads again.
Position LogReader::first_damaged(Position from, Position to, Digest previous) const {
    const auto is_next = [&](Position position, const std::string& bytes) {
        const auto record = read_record(position, bytes);
        if (!record || !follows(previous, *record, bytes)) return false;
        previous = record->digest;
        return true;
    };
    for (Position next = from; next <= to;) {
        const Position end{std::min(next.value + kLookedAtOnce, to.value + 1)};
        std::map<Position, std::vector<std::string>> values;
        store_.visit_unverified(event_key(next), event_key(end),
                                [&](std::string_view key, std::string_view value) {
                                    if (const auto position = position_of_event_key(key))
                                        values[*position].emplace_back(value);
                                    return true;
                                });
        for (; next < end; ++next.value) {
            const auto readable = store_.get(event_key(next));
            if (readable && is_next(next, *readable)) {
                if (next != from) return from;
                continue;
            }
            const auto& found = values[next];
            const bool is_whole =
                std::any_of(found.begin(), found.end(),
                            [&](const std::string& bytes) { return is_next(next, bytes); });
            if (readable || !is_whole) return next;
        }
    }
    return from;
}

Result<std::vector<Position>> LogReader::stream_positions(Uuid stream, Version from,
                                                          std::size_t limit, Order order) const {
    std::vector<Position> positions;
    std::optional<Error> wrong;
    const bool ascending = order == Order::ascending;
    const std::string begin = stream_key(stream, ascending ? from : Version{});
    std::string end = stream_key(stream, ascending ? Version{UINT32_MAX} : from);
    end += '\0';
    const auto scanned =
        store_.scan(begin, end, order, [&](std::string_view, std::string_view value) {
            if (positions.size() == limit) return false;
            const auto position = position_of_value(value);
            if (!position) {
                wrong = damaged_log("a stream's index is damaged");
                return false;
            }
            positions.push_back(*position);
            return true;
        });
    if (!scanned) return scanned.error();
    if (wrong) return *wrong;
    return positions;
}

Result<std::vector<Position>> LogReader::team_positions(Uuid team, Position after,
                                                        std::size_t limit) const {
    std::vector<Position> positions;
    if (after.value == UINT64_MAX) return positions;
    const auto scanned =
        store_.scan(team_key(team, Position{after.value + 1}), team_key(team, Position{UINT64_MAX}),
                    Order::ascending, [&](std::string_view key, std::string_view) {
                        if (positions.size() == limit) return false;
                        const auto position = position_of_team_key(key);
                        if (position) positions.push_back(*position);
                        return true;
                    });
    if (!scanned) return scanned.error();
    return positions;
}

Result<LogReader::IndexCounts> LogReader::count_indexes() const {
    IndexCounts counts;
    const auto counting = [](std::uint64_t& count) {
        return [&count](std::string_view, std::string_view) {
            ++count;
            return true;
        };
    };
    if (auto done = store_.scan("s", "t", Order::ascending, counting(counts.streams)); !done) {
        return done.error();
    }
    if (auto done = store_.scan("t", "u", Order::ascending, counting(counts.teams)); !done) {
        return done.error();
    }
    return counts;
}

}  // namespace slipway
