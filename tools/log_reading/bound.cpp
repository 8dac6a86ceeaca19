#include "tools/log_reading/bound.h"

#include <charconv>

namespace slipway {

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

std::optional<Uuid> uuid_of_any(const std::string& id) {
    const auto mark = id.rfind('_');
    return uuid_of_base32(std::string_view{id}.substr(mark == std::string::npos ? 0 : mark + 1));
}

}  // namespace slipway
