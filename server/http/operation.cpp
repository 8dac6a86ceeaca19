#include "projections/render.h"
#include "server/domain/text_rules.h"
#include "server/http/conditional.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/problem.h"
#include "server/http/router.h"

namespace slipway {

namespace {

Reply shown(const Call& call) {
    const Installation& installation = call.state().installation();
    return versioned(call, 200, installation.version(), Shows::itself,
                     [&](JsonWriter& json) { write_json(json, installation); });
}

}  // namespace

Reply get_dispatch(const Call& call) {
    return shown(call);
}

Reply set_dispatch(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    if (fields.member("state") == nullptr) fields.fail_absent("state", "armed or held");
    const auto state = fields.text("state");
    if (state && *state != "armed" && *state != "held") {
        fields.fail("state", "is \"" + state->substr(0, 60) + "\"; armed or held");
    }
    const std::string note = fields.text("reason").value_or("");
    fields.finish();
    check_note("/reason", note, errors);
    if (!errors.empty()) return problem(call.request, errors);
    if (auto other = stale(call, call.state().installation().version())) return std::move(*other);
    // A PUT says how it is to be: that it is so already is no error.
    if ((*state == "held") == call.state().installation().is_held()) return shown(call);
    const Command command =
        *state == "held" ? Command{HoldDispatch{note}} : Command{ArmDispatch{note}};
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return shown(call);
}

Reply get_health(const Call&) {
    return result(200, [](JsonWriter& json) {
        json.begin_object();
        json.member("status", "alive");
        json.end_object();
    });
}

Reply get_readiness(const Call& call) {
    if (call.services.draining) {
        Reply reply = problem(call.request, 503, "draining", "the server is stopping");
        reply.headers.emplace_back("Retry-After", "5");
        return reply;
    }
    return result(200, [&](JsonWriter& json) {
        json.begin_object();
        json.member("status", "ready");
        json.member("dispatch", call.state().installation().is_held() ? "held" : "armed");
        json.member("log", call.services.log_is_damaged ? "damaged" : "good");
        json.member("disk", call.services.log.is_disk_low() ? "low" : "good");
        json.member("position", call.state().position().value);
        json.end_object();
    });
}

Reply get_metrics(const Call& given) {
    if (!given.services.public_metrics) {
        Call call = given;
        if (auto refusal = authorize(Permission::operate, call)) return std::move(*refusal);
    }
    Reply reply;
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.body = given.services.metrics.text();
    reply.at_once = true;
    return reply;
}

}  // namespace slipway
