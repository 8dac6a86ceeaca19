#include "tools/client/event_feed.h"

#include <utility>

namespace slipway {

bool EventFeed::take(std::string_view piece, const Visitor& visit) {
    return lines_.take(piece, [&](std::string_view line) { return take_line(line, visit); });
}

bool EventFeed::take_line(std::string_view line, const Visitor& visit) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
        const Message whole = std::exchange(message_, {});
        return whole.data.empty() || visit(whole);
    }
    const auto colon = line.find(':');  // at 0 it is a comment: the server is still there
    const auto name = line.substr(0, colon);
    auto value = colon == line.npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "id") message_.id = value;
    if (name == "data") message_.data = value;
    return true;
}

}  // namespace slipway
