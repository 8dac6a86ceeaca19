#include "server/api/resources/events.h"

#include "eventlog/base/digest.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "server/api/exchange.h"
#include "server/api/page_read.h"
#include "server/api/problem.h"
#include "server/api/resources/handlers.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace slipway {

namespace {

// Events, and bytes of them, that are looked at for one page.
constexpr std::size_t kScannedMax = 5'000;
constexpr std::size_t kScannedBytesMax = 8 * 1024 * 1024;
// Positions that are taken out of an index at once.
constexpr std::size_t kPositionsAtOnce = 64;

std::optional<Uuid> stream_of_id(const std::string& text) {
    if (const auto id = AppId::parse(text)) return id->uuid;
    if (const auto id = ScheduleId::parse(text)) return id->uuid;
    if (const auto id = DeploymentId::parse(text)) return id->uuid;
    if (const auto id = TeamId::parse(text)) return id->uuid;
    return std::nullopt;
}

// Events whose positions are found in an index.
class LogRead : public PageRead {
  public:
    LogRead(const Call& call, std::size_t limit) : PageRead(call.request, limit), call_(call) {}

  protected:
    Result<Found> find(const Turn&) override {
        if (next_ == positions_.size()) {
            auto positions = more();
            if (!positions) return positions.error();
            positions_ = std::move(*positions);
            next_ = 0;
        }
        return positions_.empty() ? Found::end : Found::row;
    }
    Result<bool> take(JsonWriter& json) override {
        const auto record = log().read(positions_[next_++]);
        if (!record) return record.error();
        const auto recorded = decode(record->position, record->payload);
        if (!recorded) return recorded.error();
        ++scanned_;
        scanned_bytes_ += record->payload.size();
        if (!passes(*recorded)) return false;
        write_json(json, *recorded, &record->digest);
        return true;
    }
    bool is_enough() const override {
        return scanned_ >= kScannedMax || scanned_bytes_ >= kScannedBytesMax;
    }
    // The log shows what is durable only.
    std::optional<Position> shows() const override { return Position{}; }

    // The positions that come next; none at the end.
    virtual Result<std::vector<Position>> more() = 0;
    // Notes that it was looked at; whether it is shown.
    virtual bool passes(const RecordedEvent& recorded) = 0;

    const EventLog& log() const { return call_.services.engine.log(); }
    const Call& call_;

  private:
    std::vector<Position> positions_;
    std::size_t next_ = 0;
    std::size_t scanned_ = 0;
    std::size_t scanned_bytes_ = 0;
};

// A page of the team's events.
class TeamEventsRead final : public LogRead {
  public:
    TeamEventsRead(const Call& call, EventFilters wanted, std::size_t limit)
        : LogRead(call, limit), wanted_(std::move(wanted)) {}

  protected:
    Result<std::vector<Position>> more() override {
        auto positions = log().team_positions(call_.team().uuid, wanted_.after, kPositionsAtOnce);
        if (!positions) return positions;
        // The store may be ahead of what was acknowledged.
        const Position end = log().durable();
        while (!positions->empty() && positions->back() > end) positions->pop_back();
        return positions;
    }
    bool passes(const RecordedEvent& recorded) override {
        wanted_.after = recorded.position;
        return wanted_.wants(recorded);
    }
    std::string cursor() const override { return std::to_string(wanted_.after.value); }

  private:
    EventFilters wanted_;
};

// A page of one stream's events, newest first, from version `from` back.
class HistoryRead final : public LogRead {
  public:
    HistoryRead(const Call& call, Uuid stream, Version from, std::size_t limit)
        : LogRead(call, limit), stream_(stream), from_(from) {}

  protected:
    Result<std::vector<Position>> more() override {
        if (from_ == Version{}) return std::vector<Position>{};
        return log().stream_positions(stream_, from_, kPositionsAtOnce, Order::newest_first);
    }
    bool passes(const RecordedEvent& recorded) override {
        from_ = Version{recorded.envelope.stream_version.value - 1};
        return true;
    }
    std::string cursor() const override { return std::to_string(from_.value); }

  private:
    Uuid stream_;
    Version from_;
};

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
    return reading(call, std::make_shared<TeamEventsRead>(call, std::move(wanted), limit));
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
    return reading(call, std::make_shared<HistoryRead>(call, stream, from, limit));
}

Reply get_audit_head(const Call& call) {
    const Position position = call.services.engine.log().durable();
    const auto digest = call.services.engine.log().digest_at(position);
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
