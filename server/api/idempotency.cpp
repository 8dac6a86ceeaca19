#include "server/api/idempotency.h"

#include "eventlog/base/ascii.h"
#include "eventlog/log/keys.h"
#include "server/api/json.h"
#include "server/api/problem.h"
#include "server/auth/seal.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace slipway {

namespace {

// A remembered answer: the request's digest (32 bytes), when (8), and the reply as text. The line
// of the steady clock has the machine's boot and nanoseconds since then; release 0.1.0 wrote none.
//
//   201
//   steady 5a1e… 86400000000000
//   Location: /v1/apps/app_…
//
//   {"result": …}
constexpr std::size_t kDigestBytes = sizeof(Digest);
constexpr std::size_t kHeadBytes = kDigestBytes + 8;
constexpr std::string_view kSteady = "steady ";
// A line beside it: the body was not kept.
constexpr std::string_view kShownAnew = "shown anew";

struct AnsweredAt {
    Instant wall;
    std::string_view boot;  // empty if it is not known
    std::chrono::nanoseconds steady{};
};

std::string written(const Digest& request, const AnsweredAt& now, const Reply& reply) {
    std::string text{bytes_of(request)};
    append_u64(text, static_cast<std::uint64_t>(now.wall.time_since_epoch().count()));
    text += std::to_string(reply.status) + "\n";
    text += std::string{kSteady} + std::string{now.boot} + ' ' +
            std::to_string(now.steady.count()) + "\n";
    if (reply.is_shown_anew) text += std::string{kShownAnew} + "\n";
    for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\n";
    text += "\n";
    text += reply.body;
    return text;
}

struct Remembered {
    AnsweredAt at;
    Reply reply;
};

// Requires: text.size() >= kHeadBytes.
Remembered read(std::string_view text) {
    Remembered found;
    found.at.wall = Instant{Millis{static_cast<std::int64_t>(read_u64(text.substr(kDigestBytes)))}};
    text.remove_prefix(kHeadBytes);
    Reply& reply = found.reply;
    const auto status = cut_off(text, '\n');
    std::from_chars(status.data(), status.data() + status.size(), reply.status);
    for (auto line = cut_off(text, '\n'); !line.empty(); line = cut_off(text, '\n')) {
        if (line.starts_with(kSteady)) {
            line.remove_prefix(kSteady.size());
            const auto space = std::min(line.find(' '), line.size() - 1);
            found.at.boot = line.substr(0, space);
            std::int64_t nanoseconds = 0;
            std::from_chars(line.data() + space + 1, line.data() + line.size(), nanoseconds);
            found.at.steady = std::chrono::nanoseconds{nanoseconds};
            continue;
        }
        if (line == kShownAnew) reply.is_shown_anew = true;
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        reply.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    reply.body = text;
    reply.headers.emplace_back("Idempotency-Replayed", "true");
    return found;
}

// By the steady clock where both moments are of one run of the machine, else by the wall clock.
std::chrono::nanoseconds time_between(const AnsweredAt& then, const AnsweredAt& now) {
    const bool is_one_run = !now.boot.empty() && then.boot == now.boot && then.steady <= now.steady;
    return is_one_run ? now.steady - then.steady : now.wall - then.wall;
}

// Writes each number of a JSON value in one way: 1.0 and 1e0 as 1.
void unify_numbers(Json& value) {
    constexpr double kWholeMax = 9'223'372'036'854'775'808.0;  // 2 to the 63rd
    if (value.is_structured()) {
        for (Json& inner : value) unify_numbers(inner);
    } else if (value.is_number_float()) {
        const auto number = value.get<double>();
        const bool is_whole = std::trunc(number) == number && std::abs(number) < kWholeMax;
        if (is_whole) value = static_cast<std::int64_t>(number);
    }
}

// The same text for every spelling of one JSON value; members are sorted by nlohmann's maps. An
// empty body is read as {} where it is read at all. Other text stays as it is: it is refused.
std::string unified_body(const std::string& body) {
    if (body.empty()) return "{}";
    auto parsed = parse_json(body);
    auto* const value = std::get_if<Json>(&parsed);
    if (value == nullptr) return body;
    unify_numbers(*value);
    return value->dump();
}

// Path and parameters, decoded and sorted. Neither holds a line feed: see parse_target.
std::string unified_target(const Request& request) {
    auto parameters = request.query;
    std::sort(parameters.begin(), parameters.end());
    std::string target = request.path;
    for (const auto& [name, value] : parameters) target += '\n' + name + '\n' + value;
    return target;
}

Digest digest_of(const Request& request, std::string_view body, std::string_view target,
                 TeamId team) {
    const Digest of_body = sha256(body);
    std::string said{name_of(request.method)};
    said += ' ';
    said += target;
    said += ' ' + team.text();
    return sha256(bytes_of(of_body), said);
}

}  // namespace

bool is_idempotency_key(std::string_view key) {
    constexpr std::size_t kKeyBytesMax = 255;
    return !key.empty() && key.size() <= kKeyBytesMax &&
           std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

Idempotency::Keyed Idempotency::keyed(const Request& request, std::string_view scope, TeamId team) {
    const Digest of_scope = sha256(scope);
    return {sha256(bytes_of(of_scope), request.idempotency_key),
            digest_of(request, unified_body(request.body), unified_target(request), team),
            digest_of(request, request.body, request.target, team)};
}

Reply Idempotency::once(const Request& request, const Keyed& keyed,
                        const std::function<Answer()>& act) {
    if (auto known = earlier(request, keyed)) return std::move(*known);
    // What is changed becomes durable together with what was answered.
    const auto together = engine_.log().hold_together();
    Answer answer = act();
    if (answer.unit) remember(together, keyed, answer.reply, *answer.unit);
    return std::move(answer.reply);
}

std::optional<Reply> Idempotency::earlier(const Request& request, const Keyed& keyed) const {
    const AnsweredAt now{clock_.now(), boot_, clock_.monotonic()};
    std::optional<std::string> text;
    std::optional<Remembered> remembered;
    const auto counts = [&](const std::string& note) {
        text = unseal(key_, note, bytes_of(keyed.name));
        // Of another data directory's keys.
        if (!text || text->size() < kHeadBytes) return false;
        remembered = read(*text);
        return time_between(remembered->at, now) < kNoteAgeMax;
    };
    if (const auto pending = pending_.find(std::string{bytes_of(keyed.name)});
        pending != pending_.end()) {
        if (!counts(pending->second)) return std::nullopt;
    } else if (const auto found = engine_.log().notes().find(bytes_of(keyed.name), counts);
               !found) {
        if (found.error().code == ErrorCode::not_found) return std::nullopt;
        return problem(request, found.error());
    }
    const std::string_view digest = std::string_view{*text}.substr(0, kDigestBytes);
    if (digest != bytes_of(keyed.request) && digest != bytes_of(keyed.as_sent)) {
        return problem(request, 422, "idempotency_key_reused",
                       "this Idempotency-Key came with another request; use a new one");
    }
    return std::move(remembered->reply);
}

void Idempotency::remember(const GroupCommit::Together& together, const Keyed& keyed,
                           const Reply& reply, Position unit) {
    const Instant now = clock_.now();
    const std::string name{bytes_of(keyed.name)};
    std::string text =
        seal(key_, written(keyed.request, {now, boot_, clock_.monotonic()}, reply), name);
    engine_.log().notes().keep(together, unit, name, text, now, clock_.monotonic());
    pending_[name] = std::move(text);
    engine_.when_durable(unit, [this, name](const Result<void>&) { pending_.erase(name); });
}

}  // namespace slipway
