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

Result<std::optional<LogHead>> log_head_of_line(std::string_view line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const auto at = json.find("log");
    if (at == json.end()) return std::optional<LogHead>{};
    const Error wrong{ErrorCode::corruption,
                      "/log: does not name a log, as in {\"id\":\"01h455vb4pex5vsknk084sn02q\","
                      "\"position\":9,\"digest\":\"64 hexadecimal digits\"}"};
    if (!at->is_object() || at->size() != 3 || !at->contains("id") || !at->contains("position") ||
        !at->contains("digest")) {
        return wrong;
    }
    const auto& id = (*at)["id"];
    const auto& position = (*at)["position"];
    const auto& digest = (*at)["digest"];
    if (!id.is_string() || !position.is_number_unsigned() || !digest.is_string()) return wrong;
    const auto log_id = uuid_of_base32(id.get_ref<const std::string&>());
    const auto bytes = digest_of_hex(digest.get_ref<const std::string&>());
    if (!log_id || !bytes) return wrong;
    return std::optional{LogHead{*log_id, Position{position.get<std::uint64_t>()}, *bytes}};
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
    if (auto taken = take_head(line); !taken) return wrong(taken.error().message);
    const bool is_first = next_ == Position{1};
    std::string written;
    JsonWriter json{written};
    write_json(json, *recorded, digest ? &*digest : nullptr, is_first && head_ ? &*head_ : nullptr);
    if (!digest || written != line) return wrong("the line is not as a server writes it");
    const auto* const exported = std::get_if<DataExported>(&recorded->event);
    if (next_ == end_ && (exported == nullptr || exported->what != ExportKind::log)) {
        return wrong("the answer was to end here, and it does not record this request");
    }
    ++next_.value;
    return visit(*recorded, *digest);
}

// The first line may say of which log it is; the last must be where that says that it ends.
Result<void> LogLines::take_head(std::string_view line) {
    if (next_ == Position{1}) {
        auto head = log_head_of_line(line);
        if (!head) return head.error();
        head_ = *head;
        if (head_ && (genesis_digest(head_->log_id) != start_ || head_->position != end_)) {
            return Error{ErrorCode::corruption,
                         "/log: is not the log that the answer is chained to"};
        }
    }
    const auto digest = next_ == end_ ? digest_of_line(line) : std::nullopt;
    if (!head_ || !digest || *digest == head_->digest) return {};
    return Error{ErrorCode::corruption, "its digest is not the one that the first line ends with"};
}

Result<void> LogLines::finish(const std::string& because) const {
    if (next_ > end_) return {};
    return wrong("it is missing: " + because + "; the log was to go on to position " +
                 std::to_string(end_.value) + ", where it records this request");
}

}  // namespace slipway
