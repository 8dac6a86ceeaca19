#include "server/http/events.h"

#include "eventlog/base/digest.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "eventlog/log/subscription.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/problem.h"

#include <algorithm>
#include <charconv>

namespace slipway {

namespace {

// Events looked at for one page: a filter that fits few does not keep the others waiting.
constexpr std::size_t kScannedMax = 5'000;

std::optional<Uuid> stream_of_id(const std::string& text) {
    if (const auto id = AppId::parse(text)) return id->uuid;
    if (const auto id = ScheduleId::parse(text)) return id->uuid;
    if (const auto id = DeploymentId::parse(text)) return id->uuid;
    if (const auto id = TeamId::parse(text)) return id->uuid;
    return std::nullopt;
}

// Writes `record` if it is wanted. Returns whether it was.
Result<bool> write_event(JsonWriter& json, const EventFilters& wanted, const StoredRecord& record) {
    const auto recorded = decode(record.position, record.payload);
    if (!recorded) return recorded.error();
    if (!wanted.wants(*recorded)) return false;
    write_json(json, *recorded, &record.digest);
    return true;
}

// Writes a page of the team's events; returns the place to go on from, empty at the end.
Result<std::string> write_events(const Call& call, JsonWriter& json, const EventFilters& wanted,
                                 std::size_t limit) {
    Subscription events{call.services.log, call.team().uuid, wanted.after};
    std::size_t count = 0;
    std::size_t scanned = 0;
    while (count < limit && scanned < kScannedMax) {
        const auto records = events.next(limit - count);
        if (!records) return records.error();
        if (records->empty()) return std::string{};
        for (const StoredRecord& record : *records) {
            const auto written = write_event(json, wanted, record);
            if (!written) return written.error();
            count += *written ? 1 : 0;
        }
        scanned += records->size();
    }
    const std::string cursor = std::to_string(events.position().value);
    const auto more = events.next(1);
    if (!more) return more.error();
    return more->empty() ? std::string{} : cursor;
}

// Writes a page of one stream's events, newest first, from version `from` back.
Result<std::string> write_stream(const Call& call, JsonWriter& json, Uuid stream, Version from,
                                 std::size_t limit) {
    const EventLog& log = call.services.log;
    const auto positions = log.stream_positions(stream, from, limit, Order::newest_first);
    if (!positions) return positions.error();
    Version last;
    for (const Position position : *positions) {
        const auto record = log.read(position);
        if (!record) return record.error();
        const auto recorded = decode(record->position, record->payload);
        if (!recorded) return recorded.error();
        write_json(json, *recorded, &record->digest);
        last = recorded->envelope.stream_version;
    }
    return last.value <= 1 ? std::string{} : std::to_string(last.value - 1);
}

// A page whose writing may fail.
template <class Write>
Reply page_or_problem(const Call& call, const Write& write) {
    std::optional<Error> failed;
    Reply reply = page([&](JsonWriter& json) {
        auto cursor = write(json);
        if (!cursor) failed = cursor.error();
        return cursor ? *cursor : std::string{};
    });
    reply.shows = Position{};  // the log shows what is durable only
    return failed ? problem(call.request, *failed) : reply;
}

}  // namespace

bool EventFilters::wants(const RecordedEvent& recorded) const {
    if (!type.empty() && type_name(recorded.event) != type) return false;
    if (stream && recorded.envelope.stream != *stream) return false;
    if (from && recorded.envelope.recorded_at < *from) return false;
    return !to || recorded.envelope.recorded_at <= *to;
}

Position read_position(Filters& filters, std::string_view name) {
    Position position;
    const std::string* const text = filters.text(name);
    if (text == nullptr) return position;
    const char* const end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, position.value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        filters.fail(name, "is " + in_quotes(*text) + "; a position of the log");
    }
    return position;
}

void read_event_filters(Filters& filters, EventFilters& wanted) {
    if (const std::string* const type = filters.text("type")) {
        const auto names = event_type_names();
        wanted.type = *type;
        if (std::find(names.begin(), names.end(), *type) == names.end()) {
            filters.fail("type", "is " + in_quotes(*type) + ", which is no type of event");
        }
    }
    if (const std::string* const stream = filters.text("stream")) {
        wanted.stream = stream_of_id(*stream);
        if (!wanted.stream) {
            filters.fail("stream", "is no id of an app, schedule, deployment or team");
        }
    }
    wanted.from = filters.instant("from");
    wanted.to = filters.instant("to");
}

Reply list_events(const Call& call) {
    std::vector<FieldError> errors;
    Filters filters{call.request, errors};
    EventFilters wanted;
    wanted.after = std::max(read_position(filters, "after"), read_position(filters, "cursor"));
    read_event_filters(filters, wanted);
    const std::size_t limit = filters.limit();
    filters.finish();
    if (!errors.empty()) return problem(call.request, errors);
    return page_or_problem(
        call, [&](JsonWriter& json) { return write_events(call, json, wanted, limit); });
}

Reply stream_history(const Call& call, Uuid stream) {
    std::vector<FieldError> errors;
    Filters filters{call.request, errors};
    const Position cursor = read_position(filters, "cursor");
    const bool is_version = cursor.value > 0 && cursor.value <= UINT32_MAX;
    if (call.request.parameter("cursor") != nullptr && !is_version) {
        filters.fail("cursor", "is not one that a history answered");
    }
    const Version from{is_version ? static_cast<std::uint32_t>(cursor.value) : UINT32_MAX};
    const std::size_t limit = filters.limit();
    filters.finish();
    if (!errors.empty()) return problem(call.request, errors);
    return page_or_problem(
        call, [&](JsonWriter& json) { return write_stream(call, json, stream, from, limit); });
}

Reply get_audit_head(const Call& call) {
    const Position position = call.services.log.durable();
    const auto digest = call.services.log.digest_at(position);
    if (!digest) return problem(call.request, digest.error());
    Reply reply = result(200, [&](JsonWriter& json) {
        json.begin_object();
        json.member("position", position.value);
        json.member("digest", hex_of(bytes_of(*digest)));
        json.end_object();
    });
    reply.shows = Position{};
    return reply;
}

}  // namespace slipway
