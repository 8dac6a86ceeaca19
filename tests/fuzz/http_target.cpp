// A request, from its bytes to its answer and what came of it. In the bytes, @alice, @bob, @mallory
// and @admin stand for the tokens of those who signed in: nobody could guess one.

#include "eventlog/base/ascii.h"
#include "eventlog/base/check.h"
#include "server/http/json.h"
#include "tests/fuzz/http_world.h"
#include "tests/fuzz/story.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/text.h"

#include <algorithm>
#include <map>
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
    if (!reply.content_type.ends_with("json") || reply.stream || reply.status == 304 ||
        reply.body.size() > kReadMax) {
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

std::string_view take_line(std::string_view& text) {
    const auto [line, rest] = cut(text, '\n');
    text = rest;
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

Method method_of(std::string_view name) {
    for (const Method method :
         {Method::get, Method::post, Method::put, Method::patch, Method::remove}) {
        if (name == name_of(method)) return method;
    }
    return name == "HEAD" ? Method::get : Method::other;
}

void read_header(std::string_view line, Request& request) {
    static const std::map<std::string, std::string Request::*, std::less<>> kFields = {
        {"content-type", &Request::content_type},
        {"content-encoding", &Request::content_encoding},
        {"accept", &Request::accept},
        {"accept-encoding", &Request::accept_encoding},
        {"slipway-team", &Request::team},
        {"idempotency-key", &Request::idempotency_key},
        {"if-match", &Request::if_match},
        {"if-none-match", &Request::if_none_match},
        {"last-event-id", &Request::last_event_id}};
    const auto colon = std::min(line.find(':'), line.size());
    const std::string name = lower_case(line.substr(0, colon));
    auto value = line.substr(std::min(colon + 1, line.size()));
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    if (name == "authorization") request.authorization = read_authorization(value);
    const auto field = kFields.find(name);
    if (field != kFields.end()) request.*field->second = value;
}

std::optional<Request> read_request(std::string_view bytes) {
    Request request;
    request.request_id = "request-1";
    const auto line = take_line(bytes);
    const auto blank = std::min(line.find(' '), line.size());
    request.method = method_of(line.substr(0, blank));
    request.head = line.starts_with("HEAD ");
    auto target = line.substr(std::min(blank + 1, line.size()));
    target = target.substr(0, target.find(' '));
    if (!parse_target(target, request)) return std::nullopt;
    while (!bytes.empty()) {
        const auto header = take_line(bytes);
        if (header.empty()) break;
        if (has_control(header)) return std::nullopt;
        read_header(header, request);
    }
    request.body = bytes;
    return request;
}

void run(std::string_view bytes) {
    // What refuses changes nothing, so the next input finds the world as it was.
    static std::unique_ptr<HttpWorld> world;
    static std::string fingerprint;
    if (!world) {
        world = std::make_unique<HttpWorld>();
        fingerprint = world->state().fingerprint();
    }
    const auto request = read_request(with_tokens(bytes));
    // A dump is written by a thread.
    if (!request || request->path == "/v1/admin/dump") return;
    const Position before = world->state().position();
    check_answer(*world, *request, bytes);
    if (world->state().position() == before) {
        CHECK(world->state().fingerprint() == fingerprint);
    } else {
        world.reset();
    }
}

const FuzzTarget kTarget{"http", run};

}  // namespace

}  // namespace slipway
