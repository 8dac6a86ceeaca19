#include "server/api/exchange.h"

#include "server/api/problem.h"

#include <algorithm>
#include <charconv>

namespace slipway {

namespace {

// Whether `inner` is the JSON Pointer `outer`, or leads to something in it.
bool is_within(std::string_view inner, std::string_view outer) {
    if (!inner.starts_with(outer)) return false;
    return inner.size() == outer.size() || inner[outer.size()] == '/';
}

}  // namespace

std::variant<Json, Reply> read_body(const Call& call, Body body) {
    if (call.request.body.empty() && body == Body::optional) return Json::object();
    if (call.request.body.empty()) {
        return problem(call.request, 400, "malformed_json",
                       "the body is empty; a JSON object is needed");
    }
    auto parsed = parse_json(call.request.body);
    if (auto* const value = std::get_if<Json>(&parsed)) return std::move(*value);
    return problem(call.request, 400, "malformed_json",
                   "the body is not JSON: " + std::get<std::string>(parsed));
}

std::optional<Reply> refuse_fields(const Call& call) {
    auto body = read_body(call, Body::optional);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields{std::get<Json>(body), "", errors}.finish();
    if (errors.empty()) return std::nullopt;
    return problem(call.request, errors);
}

std::optional<Reply> refuse_parameters(const Call& call) {
    std::vector<FieldError> errors;
    Filters{call.request, errors}.finish();
    if (errors.empty()) return std::nullopt;
    return problem(call.request, errors);
}

Reply refused(const Call& call, const Command& command, std::vector<FieldError> errors) {
    const Decision decision = call.services.engine.consider(command, call.principal);
    const auto* const rejection = std::get_if<Rejection>(&decision);
    if (rejection == nullptr || kind_of(rejection->code) != RejectionKind::invalid) {
        return problem(call.request, errors);
    }
    // What could not be read has some value in the command; of that there is nothing more to say.
    const std::size_t read = errors.size();
    for (const FieldError& field : rejection->fields) {
        bool is_told = false;
        for (std::size_t i = 0; i < read && !is_told; ++i) {
            is_told = is_within(field.pointer, errors[i].pointer) ||
                      is_within(errors[i].pointer, field.pointer);
        }
        if (!is_told) add_error(errors, field);
    }
    return problem(call.request, errors);
}

std::variant<Receipt, Reply> submit(const Call& call, const Command& command) {
    Submitted submitted = call.services.engine.submit(command, call.principal, call.origin);
    if (auto* const receipt = std::get_if<Receipt>(&submitted)) {
        if (const auto unit = receipt->unit()) call.changes.last_unit = unit;
        return std::move(*receipt);
    }
    if (const auto* const rejection = std::get_if<Rejection>(&submitted)) {
        return problem(call.request, *rejection);
    }
    return problem(call.request, std::get<Error>(submitted));
}

Reply result(int status, const std::function<void(JsonWriter&)>& write) {
    Reply reply;
    reply.status = status;
    JsonWriter json{reply.body};
    json.begin_object();
    json.key("result");
    write(json);
    json.end_object();
    reply.body += '\n';
    return reply;
}

const std::string* Filters::text(std::string_view name) {
    asked_.push_back(name);
    return request_.parameter(name);
}

void Filters::fail(std::string_view name, std::string detail) {
    add_error(errors_,
              {"?" + pointer_segment(name), RejectionCode::invalid_field, std::move(detail)});
}

std::size_t Filters::limit() {
    const std::string* const found = text("limit");
    if (found == nullptr) return kPageDefault;
    std::size_t value = 0;
    const char* const end = found->data() + found->size();
    const auto parsed = std::from_chars(found->data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || value < 1 || value > kPageMax) {
        fail("limit",
             "is " + in_quotes(*found) + "; a whole number from 1 to " + std::to_string(kPageMax));
        return kPageDefault;
    }
    return value;
}

bool Filters::flag(std::string_view name) {
    const std::string* const found = text(name);
    if (found == nullptr || *found == "false") return false;
    if (*found != "true") fail(name, "is " + in_quotes(*found) + "; true or false");
    return true;
}

std::optional<Instant> Filters::instant(std::string_view name) {
    const std::string* const found = text(name);
    if (found == nullptr) return std::nullopt;
    const auto instant = instant_of(*found);
    if (!instant)
        fail(name, "is " + in_quotes(*found) + "; an instant such as 2027-02-10T08:00:00Z");
    return instant;
}

void Filters::finish() {
    std::string accepted;
    for (const auto name : asked_) accepted += (accepted.empty() ? "" : ", ") + std::string{name};
    for (const auto& [name, value] : request_.query) {
        if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
            fail(name, "is not a parameter that is known here; accepted: " +
                           (accepted.empty() ? "none" : accepted));
        } else if (request_.parameter(name) != &value) {
            fail(name, "stands twice; say it once");
        }
    }
}

Role required_role(Fields& fields) {
    if (fields.member("role") == nullptr) fields.fail_absent("role", "viewer, deployer or owner");
    return fields.choice<Role>("role").value_or(Role::viewer);
}

std::string required_text(Fields& fields, std::string_view name, std::string_view accepted) {
    if (fields.member(name) == nullptr) fields.fail_absent(name, accepted);
    return fields.text(name).value_or("");
}

Reply too_many(const Request& request, const RateLimits::Verdict& verdict, std::string_view what) {
    Reply reply =
        problem(request, 429, "rate_limited",
                "at most " + std::to_string(verdict.limit) + " " + std::string{what} + " a second");
    reply.headers.emplace_back("Retry-After", std::to_string(verdict.reset.count()));
    return reply;
}

void add_location(const Call& call, Reply& reply, const std::string& path) {
    reply.headers.emplace_back("Location", call.services.public_path + path);
}

Reply not_for_tokens(const Call& call) {
    return problem(call.request, 403, "forbidden", "a token of a team acts for that team only");
}

Reply not_found(const Call& call, ProblemCode code, std::string_view what, std::string_view name) {
    return problem(
        call.request, 404, code,
        "there is no " + std::string{what} + (name.empty() ? "" : " " + shortened(name)));
}

}  // namespace slipway
