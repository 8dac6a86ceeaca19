// Requests, from the bytes of a connection to their answers and what came of them. In the bytes,
// @alice, @bob, @mallory and @admin stand for the tokens of those who signed in: nobody could guess
// one.

#include "eventlog/base/check.h"
#include "server/api/json.h"
#include "server/api/problem.h"
#include "server/http/request_reader.h"
#include "tests/fuzz/http_world.h"
#include "tests/fuzz/story.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/text.h"
#include "tests/support/manual_clock.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace slipway {

namespace {

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string with_tokens(std::string_view bytes) {
    static const std::vector<std::pair<std::string_view, std::string>> kTokens = {
        {"@alice", signed_in(kAlice, false)},
        {"@bob", signed_in(kBob, false)},
        {"@mallory", signed_in(kMallory, false)},
        {"@admin", signed_in(kAlice, true)}};
    std::string text{bytes};
    for (const auto& [name, token] : kTokens) {
        const auto at = text.find(name);
        if (at != std::string::npos) text.replace(at, name.size(), token);
    }
    return text;
}

// @length stands for how long all is that follows the head, which a fuzzer would hardly guess.
std::string with_length(std::string text) {
    constexpr std::string_view kMark = "@length";
    constexpr std::string_view kHeadEnd = "\r\n\r\n";
    const auto mark = text.find(kMark);
    const auto end = text.find(kHeadEnd);
    if (mark == std::string::npos || end == std::string::npos) return text;
    const auto length = text.size() - end - kHeadEnd.size();
    return text.replace(mark, kMark.size(), std::to_string(length));
}

// Nobody of the team "ops", nor anybody whom it gave something.
bool is_outsider(std::string_view bytes) {
    for (const std::string_view mark : {"@alice", "@admin", "cbt_", "inv_", "slp_viewer",
                                        "slp_deployer", "slp_owner", "%", "\\"}) {
        if (holds(bytes, mark)) return false;
    }
    return true;
}

// Another team's data is nowhere in an answer, unless it was in the question.
void check_tenancy(std::string_view bytes, const std::string& said) {
    for (const Uuid uuid : {kOps.uuid, kApi.uuid, kDb.uuid, kUi.uuid, kRoot.uuid, kFirst.uuid}) {
        const std::string id = base32_of(uuid);
        CHECK(holds(bytes, id) || !holds(said, id));
    }
}

// All that is sent of `reply`, as far as it is there already.
std::string said_in(const Reply& reply) {
    std::string said = reply.body;
    for (const auto& [name, value] : reply.headers) said += name + ": " + value + "\n";
    if (!reply.stream) return said;
    constexpr int kPieces = 100;
    for (int i = 0; i < kPieces; ++i) {
        const auto next = reply.stream->next(said);
        CHECK(next != BodyStream::Next::breaks);
        if (next != BodyStream::Next::more) break;
    }
    return said;
}

void check_form(const Reply& reply) {
    CHECK(reply.status >= 200 && reply.status < 500);
    for (const auto& [name, value] : reply.headers) {
        CHECK(!name.empty() && !has_control(name) && !has_control(value));
    }
    CHECK(!has_control(reply.content_type));
    const bool is_problem = reply.status >= 400;
    CHECK(is_problem == (reply.content_type == "application/problem+json"));
    constexpr std::size_t kReadMax = 256 * 1024;  // the API's own description is longer
    if (!reply.content_type.ends_with("json") || reply.stream || reply.is_head_only ||
        reply.status == 304 || reply.body.size() > kReadMax) {
        return;
    }
    const auto parsed = parse_json(reply.body);
    const auto* const json = std::get_if<Json>(&parsed);
    CHECK(json != nullptr);
    if (!is_problem) return;
    CHECK(json->at("status") == reply.status);
    CHECK(!json->at("code").get<std::string>().empty());
}

// A request with a key that is sent again does nothing again.
void check_repeated(HttpWorld& world, const Request& request, const Reply& first) {
    const Position position = world.state().position();
    const Reply again = world.answer(request);
    CHECK(world.state().position() == position);
    CHECK(again.status == first.status && again.body == first.body);
}

void check_answer(HttpWorld& world, const Request& request, std::string_view bytes) {
    const Position before = world.state().position();
    const Reply reply = world.answer(request);
    check_form(reply);
    const std::string said = said_in(reply);
    if (is_outsider(bytes)) check_tenancy(bytes, said);
    if (world.state().position() == before) return;
    CHECK(reply.status < 400);
    // Who takes data out is on record; else what only asks changes nothing.
    CHECK(request.method != Method::get || request.path == "/v1/admin/log");
    check_state(world.state(), world.history());
    if (request.method != Method::get && !request.idempotency_key.empty()) {
        check_repeated(world, request, reply);
    }
}

class NoIds : public IdSource {
  public:
    Uuid next(Instant) override { return {}; }
    std::uint64_t random_below(std::uint64_t) override { return 0; }
};

// What a connection hears that brings `bytes`, some at a time.
struct Heard {
    std::vector<Request> requests;
    std::optional<Refusal> refusal;  // of what came after them
};

Heard heard(std::string_view bytes, std::size_t at_once) {
    using Step = RequestReader::Step;
    NoIds ids;
    const ManualClock clock;
    RequestReader reader{ids, clock};
    Heard all;
    for (;;) {
        const Step step = reader.read();
        if (step == Step::refused) {
            all.refusal = reader.refusal();
            return all;
        }
        if (step == Step::has_request) {
            all.requests.push_back(reader.request());
            reader.next();
        }
        if (step != Step::needs_bytes) continue;
        if (bytes.empty()) return all;
        const auto room = reader.room();
        const auto size = std::min({room.size(), bytes.size(), at_once});
        std::copy_n(bytes.begin(), size, room.begin());
        reader.filled(size);
        bytes.remove_prefix(size);
    }
}

// Where one request ends and the next begins is in the bytes, and not in how they come.
void check_same(const Heard& one, const Heard& other) {
    CHECK(one.requests.size() == other.requests.size());
    for (std::size_t i = 0; i < one.requests.size(); ++i) {
        const Request& a = one.requests[i];
        const Request& b = other.requests[i];
        CHECK(a.method == b.method && a.path == b.path && a.query == b.query && a.body == b.body &&
              a.authorization == b.authorization && a.idempotency_key == b.idempotency_key);
    }
    CHECK(one.refusal.has_value() == other.refusal.has_value());
    CHECK(!one.refusal || one.refusal->status == other.refusal->status);
}

// What refuses changes nothing, so the next request finds the world as it was.
void ask(const Request& request, std::string_view bytes) {
    static std::unique_ptr<HttpWorld> world;
    static std::string fingerprint;
    if (!world) {
        world = std::make_unique<HttpWorld>();
        fingerprint = world->state().fingerprint();
    }
    // A dump is written by a thread.
    if (request.path == "/v1/admin/dump") return;
    const Position before = world->state().position();
    check_answer(*world, request, bytes);
    if (world->state().position() == before) {
        CHECK(world->state().fingerprint() == fingerprint);
    } else {
        world.reset();
    }
}

void run(std::string_view bytes) {
    constexpr std::size_t kPiece = 7;
    const std::string meant = with_length(with_tokens(bytes));
    const Heard all = heard(meant, meant.size());
    check_same(all, heard(meant, kPiece));
    if (all.refusal) {
        check_form(problem(Request{}, all.refusal->status, *all.refusal, all.refusal->detail));
    }
    for (const Request& request : all.requests) ask(request, bytes);
}

const FuzzTarget kTarget{"http", run};

}  // namespace

}  // namespace slipway
