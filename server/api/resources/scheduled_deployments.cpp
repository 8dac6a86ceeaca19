#include "projections/finished.h"
#include "projections/render.h"
#include "server/api/conditional.h"
#include "server/api/exchange.h"
#include "server/api/lookup.h"
#include "server/api/problem.h"
#include "server/api/resources/due_list.h"
#include "server/api/resources/handlers.h"
#include "server/api/resources/schedule_fields.h"
#include "server/api/resources/schedule_read.h"
#include "server/domain/occurrence.h"
#include "server/domain/planned_time.h"

#include <type_traits>

namespace slipway {

namespace {

Reply no_such_schedule(const Call& call) {
    return not_found(call, "schedule_not_found", "scheduled deployment", call.parameters.front());
}

// Answers about one that is not in memory any more, as long as it is the team's.
Reply shown_from_log(const Call& call, ScheduleId id) {
    return from_log(call, id, no_such_schedule(call),
                    [&call](std::shared_ptr<const Finished> finished) {
                        const ScheduleRow& row = finished->view().schedules.at(finished->row());
                        if (row.at_once) return no_such_schedule(call);
                        return show_schedule(call, std::move(finished));
                    });
}

// The refusal to change one that has ended.
Reply has_ended(const Call& call, const Finished& finished) {
    const ScheduleRow& row = finished.view().schedules.at(finished.row());
    if (row.at_once) return no_such_schedule(call);
    return problem(call.request, reject(RejectionCode::already_ended,
                                        row.id.text() + " is " + std::string{name_of(row.status)}));
}

template <class SomeCommand>
SomeCommand read_change(ScheduleId id, const Json& json, std::vector<FieldError>& errors) {
    Fields fields{json, "", errors};
    SomeCommand command;
    command.schedule = id;
    if constexpr (requires { command.note; }) command.note = fields.text("reason").value_or("");
    if constexpr (std::is_same_v<SomeCommand, HoldDeployment>) {
        const auto dependencies = fields.text("dependencies").value_or("hold");
        if (dependencies != "hold" && dependencies != "keep") {
            fields.fail("dependencies", "is " + in_quotes(dependencies) + "; hold or keep");
        }
        command.keeps_dependencies = dependencies == "keep";
    }
    if constexpr (std::is_same_v<SomeCommand, RunNow>) {
        command.to_release_held = fields.boolean("release_held").value_or(false);
    }
    fields.finish();
    return command;
}

// The schedules that `Change` says of, beside the one that was asked for.
template <class Change>
std::vector<ScheduleId> changed_along(ScheduleId asked, const Receipt& receipt) {
    std::vector<ScheduleId> along;
    for (const Event& event : receipt.events) {
        const auto* const change = std::get_if<Change>(&event);
        if (change != nullptr && change->schedule != asked) along.push_back(change->schedule);
    }
    return along;
}

void write_ids(JsonWriter& json, std::string_view name, const std::vector<ScheduleId>& ids) {
    json.key(name);
    json.begin_array();
    for (const ScheduleId id : ids) json.value(id);
    json.end_array();
}

// Before anything else is said of a request to change one: another team's is not there. What the
// state forgot has ended: it can be neither changed nor cancelled, but that is another answer.
std::optional<Reply> not_changeable(const Call& call) {
    const auto id = ScheduleId::parse(call.parameters.front());
    if (!id) return no_such_schedule(call);
    const Schedules& schedules = call.state().schedules();
    if (const RowIndex row = schedules.find(*id); row != kNoRow) {
        const ScheduleRow& found = schedules.at(row);
        if (schedules.team_of(found) == call.team() && !found.at_once) return std::nullopt;
        return no_such_schedule(call);
    }
    return from_log(call, *id, no_such_schedule(call),
                    [&call](const std::shared_ptr<const Finished>& finished) {
                        return has_ended(call, *finished);
                    });
}

// For commands that are about one schedule.
template <class SomeCommand>
Reply change(const Call& call) {
    if (call.shows_anew) return get_schedule(call);
    if (auto refusal = not_changeable(call)) return std::move(*refusal);
    const auto id = ScheduleId::parse(call.parameters.front());
    auto body = read_body(call, Body::optional);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    const auto command = read_change<SomeCommand>(*id, std::get<Json>(body), errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    if (auto other = stale(call, *id)) return std::move(*other);
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const RowIndex row = call.state().schedules().find(*id);
    const Receipt& receipt = std::get<Receipt>(submitted);
    std::function<void(JsonWriter&)> more;
    if constexpr (std::is_same_v<SomeCommand, HoldDeployment>) {
        more = [along = changed_along<DeploymentHeld>(*id, receipt)](JsonWriter& json) {
            write_ids(json, "held_along", along);
        };
    }
    if constexpr (std::is_same_v<SomeCommand, ReleaseDeployment>) {
        more = [along = changed_along<DeploymentReleased>(*id, receipt)](JsonWriter& json) {
            write_ids(json, "released_along", along);
        };
    }
    return show_changed_schedule(call, row, std::move(more));
}

struct ScheduleFilters {
    std::optional<ScheduleStatus> status;
    std::optional<AppId> app;
    DueRange range;
    std::optional<Zone> shown_in;
    bool completed = false;

    bool wants(const Schedules& schedules, const ScheduleRow& row) const {
        if (row.at_once) return false;
        if (status && row.status != *status) return false;
        return !app || schedules.app_of(row).id == *app;
    }
};

ScheduleFilters read_schedule_filters(const Call& call, std::vector<FieldError>& errors) {
    Filters filters{call.request, errors};
    ScheduleFilters wanted;
    if (const std::string* const status = filters.text("status")) {
        wanted.status = value_of<ScheduleStatus>(*status);
        if (!wanted.status)
            filters.fail("status", "is " + in_quotes(*status) + ", which is no status");
        wanted.completed = wanted.status && is_terminal(*wanted.status);
    }
    wanted.app = filters.id<AppId>("app");
    wanted.range = read_range(filters, false);
    if (const std::string* const include = filters.text("include")) {
        if (*include != "completed")
            filters.fail("include", "is " + in_quotes(*include) + "; completed");
        wanted.completed = true;
    }
    if (const std::string* const timezone = filters.text("timezone")) {
        wanted.shown_in = call.services.engine.zones().find(*timezone);
        if (!wanted.shown_in)
            filters.fail("timezone",
                         no_such_zone({}, *timezone, call.services.engine.zones()).detail);
    }
    filters.finish();
    return wanted;
}

// Where it falls on another wall clock than its own.
void write_shown_in(JsonWriter& json, const Zone& zone, Instant due_at) {
    json.key("shown_in");
    json.begin_object();
    json.member("timezone", zone.canonical);
    json.member("local_time", to_text(wall_at(due_at, *zone.rules)));
    json.member("utc_offset_seconds", zone.rules->offset_at(due_at).count());
    json.end_object();
}

}  // namespace

Reply create_schedule(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    const ScheduleDeployment command = read_schedule(std::get<Json>(body), errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const ScheduleId id{stream_of(std::get<Receipt>(submitted).events.front())};
    const RowIndex row = call.state().schedules().find(id);
    const SameTime same_time{call.state().schedules()};
    // Its texts came in one body, and it has no attempts: it is written at once.
    Reply reply = versioned(
        call, 201, call.state().schedules().at(row).version, Shows::others_too,
        [&](JsonWriter& json) { write_schedule(json, view_of(call.state(), &same_time), row); });
    add_location(call, reply, "/v1/scheduled_deployments/" + id.text());
    return reply;
}

Reply preview_schedule(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    const ScheduleDeployment command = read_schedule(std::get<Json>(body), errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    const Decision decision = call.services.engine.consider(command, call.principal);
    if (const auto* const rejection = std::get_if<Rejection>(&decision)) {
        return problem(call.request, *rejection);
    }
    // What it would add up to, beside the state.
    const auto& decided = std::get<Decided>(decision);
    const Deployments deployments;
    Schedules schedules{call.state().teams(), call.state().apps(), deployments};
    for (const Event& event : decided.events) {
        const Envelope envelope{call.services.clock.now(),
                                stream_of(event),
                                Version{1},
                                decided.team,
                                call.principal.actor,
                                {},
                                {},
                                {}};
        schedules.apply(envelope, std::get<DeploymentScheduled>(event));
    }
    const ScheduleId id{stream_of(decided.events.front())};
    const SameTime same_time{call.state().schedules(), &schedules};
    return result(200, [&](JsonWriter& json) {
        write_schedule(json, {schedules, deployments, &same_time}, schedules.find(id));
    });
}

Reply list_schedules(const Call& call) {
    std::vector<FieldError> errors;
    const ScheduleFilters wanted = read_schedule_filters(call, errors);
    if (!errors.empty()) return problem(call.request, errors);
    const auto wants = [&schedules = call.state().schedules(), wanted](RowIndex row) {
        return wanted.wants(schedules, schedules.at(row));
    };
    const auto write = [&engine = call.services.engine, zone = wanted.shown_in](
                           JsonWriter& json, RowIndex row) -> Result<DueRows::Rest> {
        std::function<void()> more;
        if (zone) {
            more = [&json, &zone = *zone, due_at = engine.state().schedules().at(row).due_at] {
                write_shown_in(json, zone, due_at);
            };
        }
        const auto writing = std::make_shared<ScheduleWriting>(engine, json, row, std::move(more));
        return DueRows::Rest{[writing] { return writing->step(); }};
    };
    return read_due(call, wanted.range, {wants, write, wanted.completed});
}

Reply get_schedule(const Call& call) {
    const auto id = ScheduleId::parse(call.parameters.front());
    if (!id) return no_such_schedule(call);
    const RowIndex row = call.state().schedules().find(*id);
    if (row == kNoRow) return shown_from_log(call, *id);
    const Schedules& schedules = call.state().schedules();
    const bool mine = schedules.team_of(schedules.at(row)) == call.team();
    if (!mine || schedules.at(row).at_once) return no_such_schedule(call);
    return show_schedule(call, row);
}

Reply revise_schedule(const Call& call) {
    if (call.shows_anew) return get_schedule(call);
    if (auto refusal = not_changeable(call)) return std::move(*refusal);
    const auto id = ScheduleId::parse(call.parameters.front());
    const Schedules& schedules = call.state().schedules();
    const RowIndex row = schedules.find(*id);
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    const auto command = patched_schedule(std::get<Json>(body), schedules, row, errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    if (auto other = stale(call, *id)) return std::move(*other);
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return show_changed_schedule(call, row);
}

Reply cancel_schedule(const Call& call) {
    if (call.shows_anew) return get_schedule(call);
    const auto id = ScheduleId::parse(call.parameters.front());
    if (id && call.state().schedules().find(*id) == kNoRow) {
        return from_log(call, *id, no_such_schedule(call),
                        [&call](std::shared_ptr<const Finished> finished) {
                            // Cancelling twice answers the same, however long ago the first was.
                            const ScheduleView view = finished->view();
                            const ScheduleStatus status = view.schedules.at(finished->row()).status;
                            if (status == ScheduleStatus::cancelled) {
                                return show_schedule(call, std::move(finished));
                            }
                            return has_ended(call, *finished);
                        });
    }
    return change<CancelDeployment>(call);
}

Reply hold_schedule(const Call& call) {
    return change<HoldDeployment>(call);
}

Reply release_schedule(const Call& call) {
    return change<ReleaseDeployment>(call);
}

Reply run_schedule_now(const Call& call) {
    return change<RunNow>(call);
}

}  // namespace slipway
