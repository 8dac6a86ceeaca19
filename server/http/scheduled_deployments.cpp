#include "projections/finished.h"
#include "projections/render.h"
#include "server/http/conditional.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/lookup.h"
#include "server/http/problem.h"
#include "server/http/schedule_fields.h"

#include <algorithm>

namespace slipway {

namespace {

Reply no_such_schedule(const Call& call) {
    return not_found(call, "schedule_not_found", "scheduled deployment " + call.parameters.front());
}

Reply shown(const Call& call, int status, const ScheduleView& view, RowIndex row) {
    return versioned(call, status, view.schedules.at(row).version, Shows::others_too,
                     [&](JsonWriter& json) { write_schedule(json, view, row); });
}

Reply shown(const Call& call, int status, RowIndex row) {
    return shown(call, status, view_of(call.state()), row);
}

// Answers about one that is not in memory any more, as long as it is the team's.
Reply shown_from_log(const Call& call, ScheduleId id) {
    return from_log(call, id, no_such_schedule(call), [&](const ScheduleView& view, RowIndex row) {
        if (view.schedules.at(row).at_once) return no_such_schedule(call);
        return shown(call, 200, view, row);
    });
}

std::string note_of(const Json& json, std::vector<FieldError>& errors) {
    Fields fields{json, "", errors};
    std::string note = fields.text("reason").value_or("");
    fields.finish();
    return note;
}

// For commands that are about one schedule and say at most why.
template <class SomeCommand>
Reply change_with_reason(const Call& call) {
    const auto id = ScheduleId::parse(call.parameters.front());
    if (!id) return no_such_schedule(call);
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    const SomeCommand command{*id, note_of(std::get<Json>(body), errors)};
    if (!errors.empty()) return problem(call.request, errors);
    if (auto other = stale(call, *id)) return std::move(*other);
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return shown(call, 200, call.state().schedules().find(*id));
}

// What the state forgot has ended: it can be neither changed nor cancelled, but that is another
// answer than 404.
std::optional<Reply> ended_long_ago(const Call& call) {
    const auto id = ScheduleId::parse(call.parameters.front());
    if (!id || call.state().schedules().find(*id) != kNoRow) return std::nullopt;
    return from_log(call, *id, no_such_schedule(call), [&](const ScheduleView& view, RowIndex row) {
        const ScheduleRow& known = view.schedules.at(row);
        if (known.at_once) return no_such_schedule(call);
        return problem(call.request,
                       reject(RejectionCode::already_ended,
                              known.id.text() + " is " + std::string{name_of(known.status)}));
    });
}

struct ScheduleFilters {
    std::optional<ScheduleStatus> status;
    std::optional<AppId> app;
    std::optional<Instant> from;
    std::optional<Instant> to;
    std::optional<DueEntry> after;
    bool completed = false;
    std::size_t limit = kPageDefault;

    bool wants(const Schedules& schedules, const ScheduleRow& row) const {
        if (row.at_once) return false;
        if (status && row.status != *status) return false;
        return !app || schedules.app_of(row).id == *app;
    }
};

ScheduleFilters read_filters(const Call& call, std::vector<FieldError>& errors) {
    Filters filters{call.request, errors};
    ScheduleFilters wanted;
    if (const std::string* const status = filters.text("status")) {
        wanted.status = value_of<ScheduleStatus>(*status);
        if (!wanted.status) filters.fail("status", "is " + *status + ", which is no status");
        wanted.completed = wanted.status && is_terminal(*wanted.status);
    }
    wanted.app = filters.id<AppId>("app");
    wanted.from = filters.instant("from");
    wanted.to = filters.instant("to");
    if (const std::string* const include = filters.text("include")) {
        if (*include != "completed") filters.fail("include", "is " + *include + "; completed");
        wanted.completed = true;
    }
    if (const std::string* const cursor = filters.text("cursor")) {
        wanted.after = entry_of_cursor(*cursor);
        if (!wanted.after) filters.fail("cursor", "is not one that a list answered");
    }
    wanted.limit = filters.limit();
    filters.finish();
    return wanted;
}

// Adds those of `queue` that are wanted, by due instant, at most one more than the page holds.
void collect(const DueQueue& queue, const Schedules& schedules, const ScheduleFilters& wanted,
             std::vector<DueEntry>& found) {
    Instant from = wanted.from.value_or(Instant::min());
    if (wanted.after) from = std::max(from, wanted.after->at);
    std::size_t count = 0;
    for (auto at = queue.from(from); at != queue.end() && count <= wanted.limit; ++at) {
        if (wanted.to && at->at > *wanted.to) break;
        if (wanted.after && *at <= *wanted.after) continue;
        if (!wanted.wants(schedules, schedules.at(at->row))) continue;
        found.push_back(*at);
        ++count;
    }
}

}  // namespace

Reply create_schedule(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    const ScheduleDeployment command = read_schedule(std::get<Json>(body), errors);
    if (!errors.empty()) return problem(call.request, errors);
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const ScheduleId id{stream_of(std::get<Receipt>(submitted).events.front())};
    Reply reply = shown(call, 201, call.state().schedules().find(id));
    reply.headers.emplace_back("Location", "/v1/scheduled_deployments/" + id.text());
    return reply;
}

Reply list_schedules(const Call& call) {
    std::vector<FieldError> errors;
    const ScheduleFilters wanted = read_filters(call, errors);
    if (!errors.empty()) return problem(call.request, errors);
    const Schedules& schedules = call.state().schedules();
    std::vector<DueEntry> found;
    collect(schedules.open_of(call.team()), schedules, wanted, found);
    if (wanted.completed) collect(schedules.ended_of(call.team()), schedules, wanted, found);
    std::sort(found.begin(), found.end());
    return page([&](JsonWriter& json) {
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (i == wanted.limit) return cursor_of(found[i - 1]);
            write_schedule(json, view_of(call.state()), found[i].row);
        }
        return std::string{};
    });
}

Reply get_schedule(const Call& call) {
    const auto id = ScheduleId::parse(call.parameters.front());
    if (!id) return no_such_schedule(call);
    const RowIndex row = call.state().schedules().find(*id);
    if (row == kNoRow) return shown_from_log(call, *id);
    const Schedules& schedules = call.state().schedules();
    const bool mine = schedules.team_of(schedules.at(row)) == call.team();
    if (!mine || schedules.at(row).at_once) return no_such_schedule(call);
    return shown(call, 200, row);
}

Reply revise_schedule(const Call& call) {
    if (auto ended = ended_long_ago(call)) return std::move(*ended);
    const auto id = ScheduleId::parse(call.parameters.front());
    const Schedules& schedules = call.state().schedules();
    const RowIndex row = id ? schedules.find(*id) : kNoRow;
    if (row == kNoRow || schedules.team_of(schedules.at(row)) != call.team() ||
        schedules.at(row).at_once) {
        return no_such_schedule(call);
    }
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    const auto command = read_reschedule(std::get<Json>(body), schedules, row, errors);
    if (!errors.empty()) return problem(call.request, errors);
    if (auto other = stale(call, *id)) return std::move(*other);
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return shown(call, 200, row);
}

Reply cancel_schedule(const Call& call) {
    const auto id = ScheduleId::parse(call.parameters.front());
    if (id && call.state().schedules().find(*id) == kNoRow) {
        return from_log(call, *id, no_such_schedule(call),
                        [&](const ScheduleView& view, RowIndex row) {
                            // Cancelling twice answers the same, however long ago the first was.
                            if (view.schedules.at(row).status == ScheduleStatus::cancelled) {
                                return shown(call, 200, view, row);
                            }
                            return *ended_long_ago(call);
                        });
    }
    return change_with_reason<CancelDeployment>(call);
}

Reply hold_schedule(const Call& call) {
    if (auto ended = ended_long_ago(call)) return std::move(*ended);
    return change_with_reason<HoldDeployment>(call);
}

Reply release_schedule(const Call& call) {
    if (auto ended = ended_long_ago(call)) return std::move(*ended);
    return change_with_reason<ReleaseDeployment>(call);
}

Reply run_schedule_now(const Call& call) {
    if (auto ended = ended_long_ago(call)) return std::move(*ended);
    const auto id = ScheduleId::parse(call.parameters.front());
    if (!id) return no_such_schedule(call);
    if (auto other = stale(call, *id)) return std::move(*other);
    auto submitted = submit(call, RunNow{*id});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return shown(call, 200, call.state().schedules().find(*id));
}

}  // namespace slipway
