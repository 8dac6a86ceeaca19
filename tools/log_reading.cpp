#include "tools/log_reading.h"

#include "eventlog/events/codec.h"

#include <charconv>

namespace slipway {

Result<std::unique_ptr<EventLog>> open_log_copy(const std::filesystem::path& directory) {
    const auto inside = directory / "log";
    return EventLog::open_copy(std::filesystem::exists(inside) ? inside : directory);
}

Result<Bound> Bound::parse(const std::string& text) {
    Bound bound;
    if (text.empty()) return bound;
    std::uint64_t position = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, position);
    if (parsed.ec == std::errc{} && parsed.ptr == end) {
        bound.position = Position{position};
    } else {
        bound.instant = instant_of(text);
    }
    if (bound.position || bound.instant) return bound;
    return Error{ErrorCode::invalid, "--at: " + text +
                                         " is neither a position nor an instant such as "
                                         "2027-02-10T08:00:00Z"};
}

bool Bound::contains(const RecordedEvent& recorded) const {
    if (position && recorded.position > *position) return false;
    return !instant || recorded.envelope.recorded_at <= *instant;
}

Result<void> read_events(const EventLog& log, const Bound& bound,
                         const std::function<bool(const RecordedEvent&, const Digest&)>& visit) {
    std::optional<Error> unreadable;
    const auto scanned = log.scan(Position{1}, log.durable(), [&](const Record& record) {
        const auto recorded = decode(record.position, record.payload);
        if (!recorded) {
            unreadable = recorded.error();
            return false;
        }
        return bound.contains(*recorded) && visit(*recorded, record.digest);
    });
    if (unreadable) return *unreadable;
    return scanned;
}

std::optional<Uuid> uuid_of_any(const std::string& id) {
    const auto mark = id.rfind('_');
    return uuid_of_base32(std::string_view{id}.substr(mark == std::string::npos ? 0 : mark + 1));
}

}  // namespace slipway
