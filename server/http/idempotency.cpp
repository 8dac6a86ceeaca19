#include "server/http/idempotency.h"

#include "eventlog/log/keys.h"
#include "server/auth/seal.h"
#include "server/http/problem.h"

#include <algorithm>
#include <charconv>

namespace slipway {

namespace {

// A remembered answer: the request's digest (32 bytes), when (8), and the reply as text:
//
//   201
//   Location: /v1/apps/app_…
//
//   {"result": …}
constexpr std::size_t kDigestBytes = sizeof(Digest);
constexpr std::size_t kHeadBytes = kDigestBytes + 8;

std::string written(const Digest& request, Instant now, const Reply& reply) {
    std::string text{bytes_of(request)};
    append_u64(text, static_cast<std::uint64_t>(now.time_since_epoch().count()));
    text += std::to_string(reply.status) + "\n";
    for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\n";
    text += "\n";
    text += reply.body;
    return text;
}

std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

Reply read_reply(std::string_view text) {
    Reply reply;
    const auto status = take_line(text);
    std::from_chars(status.data(), status.data() + status.size(), reply.status);
    for (auto line = take_line(text); !line.empty(); line = take_line(text)) {
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        reply.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    reply.body = text;
    reply.headers.emplace_back("Idempotency-Replayed", "true");
    return reply;
}

}  // namespace

bool is_idempotency_key(std::string_view key) {
    constexpr std::size_t kKeyBytesMax = 255;
    return !key.empty() && key.size() <= kKeyBytesMax &&
           std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

Idempotency::Keyed Idempotency::keyed(const Request& request, std::string_view scope, TeamId team) {
    const Digest of_scope = sha256(scope);
    const Digest of_body = sha256(request.body);
    std::string said{name_of(request.method)};
    said += ' ';
    said += request.target;
    said += ' ' + team.text();
    return {sha256(bytes_of(of_scope), request.idempotency_key), sha256(bytes_of(of_body), said)};
}

Reply Idempotency::once(const Request& request, const Keyed& keyed,
                        const std::function<Reply()>& act) {
    if (auto known = earlier(request, keyed)) return std::move(*known);
    // What is changed becomes durable together with what was answered.
    const auto together = log_.hold_together();
    const Position before = lane_.state().position();
    Reply reply = act();
    if (lane_.state().position() != before) remember(keyed, reply);
    return reply;
}

std::optional<Reply> Idempotency::earlier(const Request& request, const Keyed& keyed) const {
    const Instant now = clock_.now();
    const auto pending = pending_.find(std::string{bytes_of(keyed.name)});
    const auto found = pending == pending_.end() ? log_.note(bytes_of(keyed.name))
                                                 : Result<std::string>{pending->second};
    if (!found) {
        if (found.error().code == ErrorCode::not_found) return std::nullopt;
        return problem(request, found.error());
    }
    const auto opened = unseal(key_, *found, bytes_of(keyed.name));
    // Of another data directory's keys.
    if (!opened || opened->size() < kHeadBytes) return std::nullopt;
    const std::string_view text = *opened;
    const Instant answered{Millis{static_cast<std::int64_t>(read_u64(text.substr(kDigestBytes)))}};
    if (now - answered >= kNoteAgeMax) return std::nullopt;
    if (text.substr(0, kDigestBytes) != bytes_of(keyed.request)) {
        return problem(request, 422, "idempotency_key_reused",
                       "this Idempotency-Key came with another request; use a new one");
    }
    return read_reply(text.substr(kHeadBytes));
}

void Idempotency::remember(const Keyed& keyed, const Reply& reply) {
    const Instant now = clock_.now();
    const std::string name{bytes_of(keyed.name)};
    std::string text = seal(key_, written(keyed.request, now, reply), name);
    log_.keep_note(name, text, now);
    pending_[name] = std::move(text);
    lane_.when_durable(lane_.state().position(),
                       [this, name](const Result<void>&) { pending_.erase(name); });
}

}  // namespace slipway
