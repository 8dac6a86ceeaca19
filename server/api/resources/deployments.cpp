#include "eventlog/base/digest.h"
#include "projections/render.h"
#include "server/api/conditional.h"
#include "server/api/exchange.h"
#include "server/api/lookup.h"
#include "server/api/problem.h"
#include "server/api/resources/due_list.h"
#include "server/api/resources/handlers.h"
#include "server/api/resources/schedule_fields.h"
#include "server/api/router.h"
#include "server/auth/authorization.h"

#include <algorithm>

namespace slipway {

namespace {

Reply no_such_deployment(const Call& call) {
    return not_found(call, "deployment_not_found", "deployment", call.parameters.front());
}

Reply deployment_reply(const Call& call, const ScheduleView& view, int status, RowIndex row,
                       std::string_view waiting_for = {}) {
    return with_details(call, view, [&](const ScheduleView& whole) {
        return versioned(
            call, status, whole.schedules.at(row).version, Shows::itself,
            [&](JsonWriter& json) { write_deployment(json, whole, row, waiting_for); });
    });
}

// One that is in memory.
Reply deployment_reply(const Call& call, int status, RowIndex row) {
    return deployment_reply(call, view_of(call.state()), status, row,
                            call.services.engine.waits_for(row));
}

struct DeploymentFilters {
    std::optional<AppId> app;
    std::optional<ScheduleId> schedule;
    std::optional<ScheduleStatus> status;
    DueRange range;

    bool wants(const State& state, RowIndex index) const {
        const ScheduleRow& row = state.schedules().at(index);
        if (!has_run(view_of(state), index)) return false;
        if (app && state.schedules().app_of(row).id != *app) return false;
        if (schedule && row.id != *schedule) return false;
        return !status || row.status == *status;
    }
};

DeploymentFilters read_deployment_filters(const Call& call, std::vector<FieldError>& errors) {
    Filters filters{call.request, errors};
    DeploymentFilters wanted;
    wanted.app = filters.id<AppId>("app");
    wanted.schedule = filters.id<ScheduleId>("schedule");
    if (const std::string* const status = filters.text("status")) {
        wanted.status = value_of<ScheduleStatus>(*status);
        if (!wanted.status)
            filters.fail("status", "is " + in_quotes(*status) + ", which is no status");
    }
    wanted.range = read_range(filters, true);
    // What is still to come has not run: a page need not look at it.
    const Instant now = call.services.clock.now();
    wanted.range.to = std::min(wanted.range.to.value_or(now), now);
    filters.finish();
    return wanted;
}

// The bearer is the callback token that this deployment's target was given: it may do just this.
bool is_callback(const Call& call, DeploymentId id) {
    const std::string expected = "Bearer " + call.services.secrets.callback_token(id);
    return equal_in_constant_time(call.request.authorization, expected);
}

CompleteDeployment read_completion(const Json& json, DeploymentId id,
                                   std::vector<FieldError>& errors) {
    Fields fields{json, "", errors};
    CompleteDeployment command{id, true, {}};
    const auto outcome = fields.text("outcome");
    if (fields.member("outcome") == nullptr) {
        fields.fail_absent("outcome", "succeeded or failed");
    } else if (outcome && *outcome != "succeeded" && *outcome != "failed") {
        fields.fail("outcome", "is " + in_quotes(*outcome) + "; succeeded or failed");
    }
    command.succeeded = outcome.value_or("") == "succeeded";
    command.detail = fields.text("detail").value_or("");
    fields.finish();
    return command;
}

// A target may report what it was shown.
bool tells_credential(const Call& call, RowIndex row, const std::string& text) {
    const Credential* const credential = credential_of(call.state(), row);
    if (credential == nullptr || text.empty()) return false;
    const auto shown = call.services.secrets.authorization(*credential);
    return shown && tells(text, *shown);
}

}  // namespace

Reply request_deployment(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    const auto command = read_deployment_request(std::get<Json>(body), errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const DeploymentId id{stream_of(std::get<Receipt>(submitted).events.front())};
    Reply reply = deployment_reply(call, 201, call.state().schedules().find(schedule_of(id)));
    add_location(call, reply, "/v1/deployments/" + id.text());
    return reply;
}

Reply list_deployments(const Call& call) {
    std::vector<FieldError> errors;
    const DeploymentFilters wanted = read_deployment_filters(call, errors);
    if (!errors.empty()) return problem(call.request, errors);
    const auto wants = [&state = call.state(), wanted](RowIndex row) {
        return wanted.wants(state, row);
    };
    const auto write = [&engine = call.services.engine](JsonWriter& json,
                                                        RowIndex row) -> Result<DueRows::Rest> {
        ScheduleView view = view_of(engine.state());
        AttemptDetails details{engine.log()};
        view.details = &details;
        write_deployment(json, view, row, engine.waits_for(row));
        if (details.error()) return *details.error();
        return DueRows::Rest{};
    };
    return read_due(call, wanted.range, {wants, write, true});
}

Reply get_deployment(const Call& call) {
    const auto id = DeploymentId::parse(call.parameters.front());
    if (!id) return no_such_deployment(call);
    const Schedules& schedules = call.state().schedules();
    const RowIndex row = schedules.find(schedule_of(*id));
    if (row == kNoRow) {
        return from_log(call, schedule_of(*id), no_such_deployment(call),
                        [&call](const std::shared_ptr<const Finished>& finished) {
                            const ScheduleView view = finished->view();
                            const RowIndex at = finished->row();
                            return has_run(view, at) ? deployment_reply(call, view, 200, at)
                                                     : no_such_deployment(call);
                        });
    }
    const bool mine = schedules.team_of(schedules.at(row)) == call.team();
    if (!mine || !has_run(view_of(call.state()), row)) return no_such_deployment(call);
    return deployment_reply(call, 200, row);
}

std::optional<Reply> authorize_completion(Call& call) {
    const auto id = DeploymentId::parse(call.parameters.front());
    if (!id || !is_callback(call, *id)) return authorize(Permission::deploy, call);
    const Schedules& schedules = call.state().schedules();
    const RowIndex row = schedules.find(schedule_of(*id));
    call.principal.actor = {ActorKind::target, {}, {}};
    if (row != kNoRow) call.principal.team = schedules.team_of(schedules.at(row));
    return std::nullopt;
}

Reply complete_deployment(const Call& call) {
    const auto id = DeploymentId::parse(call.parameters.front());
    if (!id) return no_such_deployment(call);
    const RowIndex row = call.state().schedules().find(schedule_of(*id));
    const bool is_target = call.principal.actor.kind == ActorKind::target;
    if (is_target && row == kNoRow) return no_such_deployment(call);
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    auto command = read_completion(std::get<Json>(body), *id, errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    if (auto other = stale(call, schedule_of(*id))) return std::move(*other);
    if (row != kNoRow && tells_credential(call, row, command.detail)) command.detail = kWithheld;
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return deployment_reply(call, 200, row);
}

Reply abort_deployment(const Call& call) {
    const auto id = DeploymentId::parse(call.parameters.front());
    if (!id) return no_such_deployment(call);
    auto body = read_body(call, Body::optional);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const AbortDeployment command{*id, fields.text("reason").value_or("")};
    fields.finish();
    if (!errors.empty()) return refused(call, command, std::move(errors));
    if (auto other = stale(call, schedule_of(*id))) return std::move(*other);
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return deployment_reply(call, 200, call.state().schedules().find(schedule_of(*id)));
}

}  // namespace slipway
