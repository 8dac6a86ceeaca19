#include "server/api/problem.h"

#include "eventlog/base/trace.h"

#include <algorithm>
#include <span>

namespace slipway {

namespace {

std::string_view title_of(int status) {
    switch (status) {
        case 400:
            return "The request cannot be read";
        case 401:
            return "A valid token is needed";
        case 403:
            return "Not allowed";
        case 404:
            return "Not found";
        case 405:
            return "The method is not supported here";
        case 406:
            return "No acceptable form of the answer";
        case 408:
            return "The request came too slowly";
        case 409:
            return "The state does not allow it";
        case 412:
            return "The object has another version";
        case 413:
            return "The body is too large";
        case 414:
            return "The request target is too long";
        case 415:
            return "The form of the body is not supported";
        case 417:
            return "What is expected cannot be met";
        case 422:
            return "The request is not valid";
        case 429:
            return "Too many requests";
        case 431:
            return "The headers are too large";
        case 503:
            return "Not available now";
        default:
            return "Something went wrong inside";
    }
}

int status_of(RejectionKind kind) {
    switch (kind) {
        case RejectionKind::invalid:
            return 422;
        case RejectionKind::not_found:
            return 404;
        case RejectionKind::conflict:
            return 409;
    }
    return 500;
}

Reply later(Reply reply, std::string seconds) {
    reply.headers.emplace_back("Retry-After", std::move(seconds));
    return reply;
}

// The lists that say what could be sent instead; each only if there is something to say.
void write_alternatives(JsonWriter& json, const std::vector<FieldError>& fields) {
    for (const FieldError& field : fields) {
        if (field.candidates.empty()) continue;
        json.key("candidates");
        json.begin_array();
        for (const Candidate& candidate : field.candidates) {
            json.begin_object();
            json.member("at", to_text(candidate.at));
            json.member("due_at", candidate.due_at);
            json.member("utc_offset_seconds", candidate.utc_offset.count());
            json.end_object();
        }
        json.end_array();
        break;
    }
    for (const FieldError& field : fields) {
        if (field.timezones.empty()) continue;
        json.key("timezones");
        json.begin_array();
        for (const std::string& timezone : field.timezones) json.value(timezone);
        json.end_array();
        break;
    }
}

void write_schedules(JsonWriter& json, const Rejection& rejection) {
    if (rejection.schedules.empty()) return;
    json.key("schedules");
    json.begin_array();
    for (const ScheduleInTheWay& schedule : rejection.schedules) {
        json.begin_object();
        json.member("id", schedule.id);
        json.member("status", schedule.status);
        json.member("due_at", schedule.due_at);
        json.end_object();
    }
    json.end_array();
    json.member("schedules_in_all", rejection.schedules_in_all);
}

void write_quota(JsonWriter& json, const Rejection& rejection) {
    if (!rejection.quota) return;
    json.member("limit", rejection.quota->limit);
    json.member("value", rejection.quota->value);
    json.member("setting", rejection.quota->setting);
}

}  // namespace

Reply problem(const Request& request, int status, ProblemCode code, std::string_view detail,
              const std::vector<FieldError>& fields, const std::function<void(JsonWriter&)>& more) {
    Reply reply;
    reply.status = status;
    reply.content_type = "application/problem+json";
    JsonWriter json{reply.body};
    json.begin_object();
    json.member("type", "urn:slipway:problem:" + std::string{code.name()});
    json.member("title", title_of(status));
    json.member("status", status);
    json.member("detail", detail);
    json.member("code", code.name());
    json.key("errors");
    json.begin_array();
    for (const auto& field : std::span{fields}.first(std::min(fields.size(), kFieldErrorsMax))) {
        json.begin_object();
        json.member("pointer", field.pointer);
        json.member("code", name_of(field.code));
        json.member("detail", field.detail);
        json.end_object();
    }
    json.end_array();
    write_alternatives(json, fields);
    if (more) more(json);
    json.member("request_id", request.request_id);
    json.end_object();
    reply.body += '\n';
    return reply;
}

Reply problem(const Request& request, const Rejection& rejection) {
    return problem(request, status_of(kind_of(rejection.code)), rejection.code, rejection.detail,
                   rejection.fields, [&](JsonWriter& json) {
                       write_schedules(json, rejection);
                       write_quota(json, rejection);
                   });
}

Reply problem(const Request& request, const std::vector<FieldError>& fields) {
    return problem(request, reject(fields));
}

Reply problem(const Request& request, const Error& error) {
    switch (error.code) {
        case ErrorCode::unavailable:
            return later(problem(request, 503, "unavailable", error.message), "1");
        case ErrorCode::disk_low:
            return later(problem(request, 503, "disk_low", error.message), "1");
        case ErrorCode::indeterminate:
        case ErrorCode::fenced:
            return later(problem(request, 503, "outcome_unknown",
                                 "the change may or may not have been recorded; look before you "
                                 "ask again"),
                         "5");
        default:
            trace(TraceLevel::error, "http: request " + request.request_id + ": " + error.message);
            return problem(request, 500, "internal",
                           "the server could not answer; its traces say why");
    }
}

Reply draining(const Request& request) {
    return later(problem(request, 503, "draining", "the server is stopping"), "5");
}

Reply overloaded(const Request& request, std::string_view detail) {
    return later(problem(request, 503, "overloaded", detail), "2");
}

}  // namespace slipway
