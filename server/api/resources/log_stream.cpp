#include "eventlog/events/event_json.h"
#include "projections/replay.h"
#include "server/api/problem.h"
#include "server/api/resources/events.h"
#include "server/api/resources/handlers.h"
#include "server/api/router.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr std::uint64_t kRecordsPerPiece = 100;

// The whole log as JSON lines, of all teams, up to what was durable when it was asked for. The
// first line says which log it is and where it ends. slipway-dump --restore and slipway-replay read
// it.
class LogStream : public BodyStream {
  public:
    LogStream(const Call& call, Position after, Position end)
        : services_(call.services),
          request_(call.request),
          log_(call.services.engine.log()),
          after_(after),
          end_(end) {}

    Next next(std::string& out) override {
        if (after_ >= end_) return Next::ends;
        // Cut short, the answer is no whole log, and whoever reads it sees that.
        if (!is_still_allowed(Permission::operate, request_, services_)) return Next::breaks;
        const Position last{std::min(after_.value + kRecordsPerPiece, end_.value)};
        const auto head = head_of(after_);
        if (!head) return Next::breaks;
        const auto write = [&](const RecordedEvent& recorded, const Record& record) {
            JsonWriter json{out};
            const bool is_first = record.position == Position{1};
            write_json(json, recorded, &record.digest, is_first ? &*head : nullptr);
            out += '\n';
            after_ = record.position;
            return out.size() < kPieceBytes;
        };
        if (!replay(log_, Position{after_.value + 1}, last, write)) return Next::breaks;
        return after_ == end_ ? Next::ends : Next::more;
    }

  private:
    // Of the first piece of a whole log.
    Result<LogHead> head_of(Position after) const {
        if (after.value != 0) return LogHead{};
        const auto digest = log_.digest_at(end_);
        if (!digest) return digest.error();
        return LogHead{log_.log_id(), end_, *digest};
    }

    Services& services_;
    Request request_;
    const EventLog& log_;
    Position after_;
    Position end_;
};

}  // namespace

Reply stream_log(const Call& call) {
    std::vector<FieldError> errors;
    Filters filters{call.request, errors};
    const Position after = read_position(filters, "after");
    filters.finish();
    if (!errors.empty()) return problem(call.request, errors);
    std::string start;
    if (after <= call.services.engine.log().durable()) {
        const auto digest = call.services.engine.log().digest_at(after);
        if (!digest) return problem(call.request, digest.error());
        start = hex_of(bytes_of(*digest));
    }
    Position end = after;
    if (!call.request.head) {
        // Who took everything out is on record, before they have any of it.
        auto submitted = submit(call, RecordExport{ExportKind::log});
        if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
        end = std::get<Receipt>(submitted).position;
    }
    Reply reply;
    reply.content_type = "application/x-ndjson";
    // What the first line's digest follows from: with it, every line is proved by what it says.
    if (!start.empty()) reply.headers.emplace_back("Slipway-Chained-To", std::move(start));
    reply.stream = std::make_shared<LogStream>(call, after, end);
    return reply;
}

}  // namespace slipway
