#include "server/http/events.h"

#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
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

struct EventFilters {
    Position after;
    std::string type;
    std::optional<Uuid> stream;
    std::optional<Instant> from;
    std::optional<Instant> to;
    std::size_t limit = kPageDefault;

    bool wants(const RecordedEvent& recorded) const {
        if (!type.empty() && type_name(recorded.event) != type) return false;
        if (stream && recorded.envelope.stream != *stream) return false;
        if (from && recorded.envelope.recorded_at < *from) return false;
        return !to || recorded.envelope.recorded_at <= *to;
    }
};

Position read_position(Filters& filters, std::string_view name) {
    Position position;
    const std::string* const text = filters.text(name);
    if (text == nullptr) return position;
    const char* const end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, position.value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        filters.fail(name, "is " + *text + "; a position of the log");
    }
    return position;
}

EventFilters read_filters(const Call& call, std::vector<FieldError>& errors) {
    Filters filters{call.request, errors};
    EventFilters wanted;
    wanted.after = std::max(read_position(filters, "after"), read_position(filters, "cursor"));
    if (const std::string* const type = filters.text("type")) {
        const auto names = event_type_names();
        wanted.type = *type;
        if (std::find(names.begin(), names.end(), *type) == names.end()) {
            filters.fail("type", "is " + *type + ", which is no type of event");
        }
    }
    if (const std::string* const stream = filters.text("stream")) {
        wanted.stream = stream_of_id(*stream);
        if (!wanted.stream)
            filters.fail("stream", "is no id of an app, schedule, deployment or team");
    }
    wanted.from = filters.instant("from");
    wanted.to = filters.instant("to");
    wanted.limit = filters.limit();
    filters.finish();
    return wanted;
}

Result<RecordedEvent> read_event(const EventLog& log, Position position) {
    const auto bytes = log.read(position);
    if (!bytes) return bytes.error();
    return decode(position, *bytes);
}

Result<void> write_event(const Call& call, JsonWriter& json, const RecordedEvent& recorded) {
    const auto digest = call.services.log.digest_at(recorded.position);
    if (!digest) return digest.error();
    write_json(json, recorded, &*digest);
    return {};
}

// Writes the wanted of `positions`; returns the place to go on from, empty at the end.
Result<std::string> write_events(const Call& call, JsonWriter& json, const EventFilters& wanted,
                                 const std::vector<Position>& positions) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (count == wanted.limit) return std::to_string(positions[i - 1].value);
        const auto recorded = read_event(call.services.log, positions[i]);
        if (!recorded) return recorded.error();
        if (!wanted.wants(*recorded)) continue;
        if (auto written = write_event(call, json, *recorded); !written) return written.error();
        ++count;
    }
    if (positions.size() < kScannedMax) return std::string{};
    return std::to_string(positions.back().value);
}

}  // namespace

Reply list_events(const Call& call) {
    std::vector<FieldError> errors;
    const EventFilters wanted = read_filters(call, errors);
    if (!errors.empty()) return problem(call.request, errors);
    const auto positions =
        call.services.log.team_positions(call.team().uuid, wanted.after, kScannedMax);
    if (!positions) return problem(call.request, positions.error());
    std::optional<Error> failed;
    Reply reply = page([&](JsonWriter& json) {
        auto cursor = write_events(call, json, wanted, *positions);
        if (!cursor) failed = cursor.error();
        return cursor ? *cursor : std::string{};
    });
    return failed ? problem(call.request, *failed) : reply;
}

Reply stream_history(const Call& call, Uuid stream) {
    std::vector<FieldError> errors;
    Filters filters{call.request, errors};
    const std::size_t limit = filters.limit();
    filters.finish();
    if (!errors.empty()) return problem(call.request, errors);
    const auto positions =
        call.services.log.stream_positions(stream, Version{}, limit, Order::newest_first);
    if (!positions) return problem(call.request, positions.error());
    EventFilters all;
    all.limit = limit;
    std::optional<Error> failed;
    Reply reply = page([&](JsonWriter& json) {
        const auto cursor = write_events(call, json, all, *positions);
        if (!cursor) failed = cursor.error();
        return std::string{};
    });
    return failed ? problem(call.request, *failed) : reply;
}

}  // namespace slipway
