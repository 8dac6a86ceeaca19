#include "tools/log_reading/chain.h"

#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "eventlog/log/record.h"

#include <nlohmann/json.hpp>

#include <charconv>

namespace slipway {

std::optional<Digest> digest_of_hex(std::string_view hex) {
    Digest digest{};
    if (hex.size() != 2 * digest.size()) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const char* const at = hex.data() + 2 * i;
        if (std::from_chars(at, at + 2, digest[i], 16).ptr != at + 2) return std::nullopt;
    }
    return digest;
}

std::optional<Digest> digest_of_line(std::string_view line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const auto at = json.find("digest");
    if (at == json.end() || !at->is_string()) return std::nullopt;
    return digest_of_hex(at->get_ref<const std::string&>());
}

Result<void> Chain::follow(const std::optional<Digest>& said, const RecordedEvent& recorded) {
    Digest digest{};
    if (said && last_) {
        record_bytes(recorded.position, encode(recorded.envelope, recorded.event), *last_, digest);
        if (digest != *said) {
            return Error{ErrorCode::corruption,
                         "its digest is not that of what it says after the line before: one of "
                         "them was changed"};
        }
    }
    last_ = said;
    return {};
}

Error LogLines::wrong(const std::string& what) const {
    return Error{ErrorCode::corruption,
                 "log: record at position " + std::to_string(next_.value) + ": " + what};
}

Result<bool> LogLines::take(std::string_view line, const Visitor& visit) {
    if (next_ > end_) {
        return wrong("there is one, and the answer was to end at " + std::to_string(end_.value));
    }
    const auto recorded = event_of_json(line);
    if (!recorded) return wrong(recorded.error().message);
    if (recorded->position != next_) {
        return wrong("in its place is position " + std::to_string(recorded->position.value));
    }
    // A server writes it last, …"digest":"64 digits"}, and below each byte is held to what a server
    // writes: no need to parse the line for it.
    constexpr std::size_t kEndBytes = 66;
    const auto digest = line.size() < kEndBytes
                            ? std::nullopt
                            : digest_of_hex(line.substr(line.size() - kEndBytes, 64));
    if (auto follows = chain_.follow(digest, *recorded); !follows) {
        return wrong(follows.error().message);
    }
    std::string written;
    JsonWriter json{written};
    write_json(json, *recorded, digest ? &*digest : nullptr);
    if (!digest || written != line) return wrong("the line is not as a server writes it");
    const auto* const exported = std::get_if<DataExported>(&recorded->event);
    if (next_ == end_ && (exported == nullptr || exported->what != ExportKind::log)) {
        return wrong("the answer was to end here, and it does not record this request");
    }
    ++next_.value;
    return visit(*recorded, *digest);
}

Result<void> LogLines::finish(const std::string& because) const {
    if (next_ > end_) return {};
    return wrong("it is missing: " + because + "; the log was to go on to position " +
                 std::to_string(end_.value) + ", where it records this request");
}

}  // namespace slipway
