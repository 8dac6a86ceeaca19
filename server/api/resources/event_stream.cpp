#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "eventlog/log/subscription.h"
#include "server/api/problem.h"
#include "server/api/resources/events.h"
#include "server/api/resources/handlers.h"
#include "server/api/router.h"

#include <charconv>
#include <utility>

namespace slipway {

namespace {

constexpr std::size_t kEventsPerPiece = 100;

// A team's events as Server-Sent Events (HTML, 9.2): the id of each is its position, so a reader
// that comes back with the last one misses nothing.
class EventStream : public BodyStream {
  public:
    EventStream(const Call& call, EventFilters wanted)
        : services_(call.services),
          request_(call.request),
          team_(call.team()),
          wanted_(std::move(wanted)),
          events_(call.services.engine.log(), call.team().uuid, wanted_.after) {}

    Next next(std::string& out) override {
        if (!may_go_on()) return Next::ends;
        // Some readers show nothing, not even the head, before there is a body.
        if (!std::exchange(opened_, true)) out += kComment;
        const auto records = events_.next(kEventsPerPiece, kPieceBytes);
        if (!records) return Next::breaks;
        if (records->empty()) return Next::waits;
        for (const StoredRecord& record : *records) {
            const auto recorded = decode(record.position, record.payload);
            if (!recorded) return Next::breaks;
            if (wanted_.wants(*recorded)) write(out, *recorded, record.digest);
        }
        return Next::more;
    }

    std::optional<std::string_view> heartbeat() override {
        if (!may_go_on()) return std::nullopt;
        return kComment;
    }

  private:
    static constexpr std::string_view kComment = ":\n\n";

    // Not for a member who was removed, nor with a token that expired or was revoked.
    bool may_go_on() const {
        return is_still_allowed(Permission::read, request_, services_, team_);
    }
    static void write(std::string& out, const RecordedEvent& recorded, const Digest& digest) {
        out += "id: " + std::to_string(recorded.position.value) + "\nevent: ";
        out += type_name(recorded.event);
        out += "\ndata: ";
        JsonWriter json{out};
        write_json(json, recorded, &digest);
        out += "\n\n";
    }

    Services& services_;
    Request request_;
    TeamId team_;
    EventFilters wanted_;
    Subscription events_;
    bool opened_ = false;
};

// The place to go on from, which the browser sends by itself.
bool read_last_event_id(const std::string& text, Position& position) {
    if (text.empty()) return true;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, position.value);
    return parsed.ec == std::errc{} && parsed.ptr == end;
}

}  // namespace

Reply stream_events(const Call& call) {
    std::vector<FieldError> errors;
    Filters filters{call.request, errors};
    EventFilters wanted;
    wanted.after = read_position(filters, "after");
    read_event_filters(filters, wanted);
    if (!read_last_event_id(call.request.last_event_id, wanted.after)) {
        errors.push_back({"Last-Event-ID", RejectionCode::invalid_field,
                          "is no position of the log, as the id of an event is"});
    }
    const Position end = call.services.engine.log().durable();
    if (wanted.after > end) {
        errors.push_back({call.request.last_event_id.empty() ? "?after" : "Last-Event-ID",
                          RejectionCode::invalid_field,
                          "is " + std::to_string(wanted.after.value) + "; the log ends at " +
                              std::to_string(end.value)});
    }
    filters.finish();
    if (!errors.empty()) return problem(call.request, errors);
    Reply reply;
    reply.content_type = "text/event-stream";
    reply.stream = std::make_shared<EventStream>(call, std::move(wanted));
    reply.shows = Position{};
    return reply;
}

}  // namespace slipway
