#include "eventlog/base/quote.h"
#include "server/domain/decide.h"
#include "server/domain/plan.h"
#include "server/domain/planned_time.h"
#include "server/domain/reresolution.h"
#include "server/domain/text_rules.h"

#include <algorithm>

namespace slipway {

namespace {

// Bytes of somebody's reason that another person is shown in a refusal.
constexpr std::size_t kReasonShown = 200;

// Makes the events of a scheduled deployment and of all that must be deployed before it, or finds
// every field that keeps it from being made.
class Scheduling {
  public:
    Scheduling(const State& state, const ScheduleDeployment& command, const Context& context)
        : state_(state), command_(command), context_(context) {}

    Decision decide() {
        check_note("/note", command_.note, errors_);
        check_labels("/labels", command_.labels, errors_);
        check_policies(command_.policies, errors_);
        const App* const app = usable_app("/app", command_.app);
        zone_ = find_zone(command_.at, context_.zones, errors_);
        std::optional<PlannedTime> time;
        if (zone_) time = plan_time(command_.at, *zone_, context_, errors_);
        std::vector<AppId> path{command_.app};
        check(command_.dependencies, path);
        if (!errors_.empty()) return reject(std::move(errors_));
        CHECK(app != nullptr && time.has_value());
        ScheduleText text;
        text.note = command_.note;
        text.labels = command_.labels;
        if (auto refused = check_growth(state_, context_.quotas, context_.principal.team,
                                        {0, 1 + count_, text_bytes(text)})) {
            return std::move(*refused);
        }

        const ScheduleId root{context_.ids.next(context_.now)};
        events_.push_back(DeploymentScheduled{root,
                                              app->id,
                                              version_of(*app),
                                              *time,
                                              {},
                                              0,
                                              false,
                                              command_.policies,
                                              command_.note,
                                              command_.labels});
        add_dependencies(command_.dependencies, root, time->due_at);
        return Decided{context_.principal.team, std::move(events_)};
    }

  private:
    const App* usable_app(const std::string& pointer, AppId id) {
        const App* const app = find_app(state_, id, context_);
        if (app == nullptr) {
            errors_.push_back(
                {pointer, RejectionCode::unknown_app, "there is no app " + id.text()});
        } else if (app->archived) {
            errors_.push_back({pointer, RejectionCode::app_archived, id.text() + " is archived"});
        }
        return app;
    }

    Version version_of(const App& app) const {
        return command_.latest_version ? Version{} : app.definition_version();
    }

    // Whether one before `dependency` in the same list is of the same app at the same time.
    static bool is_repeated(const std::vector<Dependency>& list, const Dependency& dependency) {
        const auto first = std::find_if(list.begin(), list.end(), [&](const Dependency& other) {
            return other.app == dependency.app && other.lead_seconds == dependency.lead_seconds;
        });
        return &*first != &dependency;
    }

    // `path` is the way from the root down to what names these, by app.
    void check(const std::vector<Dependency>& dependencies, std::vector<AppId>& path) {
        for (const auto& dependency : dependencies) {
            if (++count_ > kDependenciesMax || path.size() > kDependencyDepthMax) {
                errors_.push_back({dependency.pointer, RejectionCode::too_many_dependencies,
                                   "at most " + std::to_string(kDependenciesMax) +
                                       " dependencies in all, " +
                                       std::to_string(kDependencyDepthMax) + " deep"});
                return;
            }
            usable_app(dependency.pointer, dependency.app);
            if (is_repeated(dependencies, dependency)) {
                errors_.push_back(
                    {dependency.pointer, RejectionCode::duplicate_dependency,
                     dependency.app.text() +
                         " is named before, with the same lead; it would be deployed twice"});
            }
            if (std::find(path.begin(), path.end(), dependency.app) != path.end()) {
                errors_.push_back(
                    {dependency.pointer, RejectionCode::dependency_cycle,
                     dependency.app.text() + " would have to be deployed before itself"});
                continue;
            }
            path.push_back(dependency.app);
            check(dependency.dependencies, path);
            path.pop_back();
        }
    }

    void add_dependencies(const std::vector<Dependency>& dependencies, ScheduleId parent,
                          Instant parent_due) {
        for (const auto& dependency : dependencies) {
            const App* const app = state_.apps().find(dependency.app);
            const ScheduleId id{context_.ids.next(context_.now)};
            const Lead lead = lead_before(parent_due, dependency.lead_seconds, context_.now);
            events_.push_back(
                DeploymentScheduled{id,
                                    app->id,
                                    version_of(*app),
                                    time_at(lead.due_at, *zone_, context_.zones.version()),
                                    parent,
                                    dependency.lead_seconds,
                                    lead.shortened,
                                    command_.policies,
                                    {},
                                    {}});
            add_dependencies(dependency.dependencies, id, lead.due_at);
        }
    }

    const State& state_;
    const ScheduleDeployment& command_;
    const Context& context_;
    std::vector<FieldError> errors_;
    std::optional<Zone> zone_;
    std::vector<Event> events_;
    std::size_t count_ = 0;
};

Rejection is_a_dependency(const State& state, const ScheduleRow& row, std::string_view verb) {
    return reject(RejectionCode::is_a_dependency, row.id.text() + " is a dependency of " +
                                                      state.schedules().at(row.parent).id.text() +
                                                      "; " + std::string{verb} + " that one");
}

Rejection past_pending(const ScheduleRow& row) {
    if (is_terminal(row.status)) return reject(RejectionCode::already_ended, status_text(row));
    return reject(RejectionCode::already_due, status_text(row) + "; it is due already");
}

bool is_held_by_person(const State& state, RowIndex row) {
    const ScheduleRow& known = state.schedules().at(row);
    return known.status == ScheduleStatus::held && known.hold_reason == HoldReason::by_user;
}

// Somebody held it with a reason of their own: whoever wants to pass over that has to say so.
Rejection dependency_held(const State& state, RowIndex row) {
    const ScheduleRow& known = state.schedules().at(row);
    const ScheduleText& text = state.schedules().text(row);
    std::string who = text.held_by.is_nil() ? "a person" : text.held_by.text();
    const Team* const team = state.teams().find(state.schedules().team_of(known));
    const auto member = team->members.find(text.held_by);
    if (member != team->members.end() && !member->second.name.empty()) {
        who = member->second.name + " (" + who + ")";
    }
    Rejection rejection =
        reject(RejectionCode::dependency_held,
               known.id.text() + ", which it depends on, is held by " + who +
                   (text.status_note.empty() ? ", without a reason"
                                             : ": " + shortened(text.status_note, kReasonShown)) +
                   "; release that one, or say \"release_held\": true");
    rejection.schedules = {{known.id, name_of(known.status), known.due_at}};
    rejection.schedules_in_all = 1;
    return rejection;
}

// What is below moves along: its due instant is the parent's less the lead.
void move_dependencies(const State& state, RowIndex parent, Instant parent_due, const Zone& zone,
                       const Context& context, Plan& plan) {
    for (const RowIndex row : plan.dependencies(parent)) {
        const ScheduleRow& known = state.schedules().at(row);
        if (known.status != ScheduleStatus::scheduled && known.status != ScheduleStatus::held) {
            continue;
        }
        const Lead lead = lead_before(parent_due, known.lead_seconds, context.now);
        plan.add(DeploymentRescheduled{
            known.id, time_at(lead.due_at, zone, context.zones.version()), lead.shortened});
        move_dependencies(state, row, lead.due_at, zone, context, plan);
    }
}

}  // namespace

Decision decide(const State& state, const ScheduleDeployment& command, const Context& context) {
    return Scheduling{state, command, context}.decide();
}

Decision decide(const State& state, const RescheduleDeployment& command, const Context& context) {
    const RowIndex row = find_schedule(state, command.schedule, context);
    if (row == kNoRow) return no_such_schedule(command.schedule);
    const ScheduleRow& known = state.schedules().at(row);
    if (known.status != ScheduleStatus::scheduled) {
        return reject(RejectionCode::not_scheduled,
                      status_text(known) + "; only what is scheduled can be changed");
    }
    if (command.at && follows_parent(state, known)) {
        return is_a_dependency(state, known, "reschedule");
    }
    std::vector<FieldError> errors;
    check_note("/note", command.note, errors);
    check_labels("/labels", command.labels, errors);
    check_policies(command.policies, errors);
    std::optional<Zone> zone;
    std::optional<PlannedTime> time;
    if (command.at) zone = find_zone(*command.at, context.zones, errors);
    if (zone) time = plan_time(*command.at, *zone, context, errors);
    if (!errors.empty()) return reject(std::move(errors));

    ScheduleText next = state.schedules().text(row);
    next.note = command.note;
    next.labels = command.labels;
    if (auto refused = check_text(state, context.quotas, row, next)) return std::move(*refused);

    Plan plan{state, context};
    if (time) {
        plan.add(DeploymentRescheduled{known.id, *time, false});
        move_dependencies(state, row, time->due_at, *zone, context, plan);
    }
    const ScheduleText& text = state.schedules().text(row);
    if (command.policies != state.schedules().policies(known) || command.note != text.note ||
        command.labels != text.labels) {
        plan.add(DeploymentTermsRevised{known.id, command.policies, command.note, command.labels});
    }
    return std::move(plan).decision(context.principal.team);
}

Decision decide(const State& state, const CancelDeployment& command, const Context& context) {
    const RowIndex row = find_schedule(state, command.schedule, context);
    if (row == kNoRow) return no_such_schedule(command.schedule);
    std::vector<FieldError> errors;
    check_note("/reason", command.note, errors);
    if (!errors.empty()) return reject(std::move(errors));
    const ScheduleRow& known = state.schedules().at(row);
    Plan plan{state, context};
    if (known.status == ScheduleStatus::cancelled) {
        return std::move(plan).decision(context.principal.team);
    }
    if (!is_pending(known.status)) return past_pending(known);
    if (follows_parent(state, known)) return is_a_dependency(state, known, "cancel");
    plan.cancel(row, CancelReason::by_user, command.note, known.id);
    return std::move(plan).decision(context.principal.team);
}

Decision decide(const State& state, const HoldDeployment& command, const Context& context) {
    const RowIndex row = find_schedule(state, command.schedule, context);
    if (row == kNoRow) return no_such_schedule(command.schedule);
    std::vector<FieldError> errors;
    check_note("/reason", command.note, errors);
    if (!errors.empty()) return reject(std::move(errors));
    const ScheduleRow& known = state.schedules().at(row);
    if (!is_pending(known.status)) return past_pending(known);
    if (known.status == ScheduleStatus::held && known.hold_reason == HoldReason::by_user) {
        return reject(RejectionCode::already_held, known.id.text() + " is held already");
    }
    ScheduleText next = state.schedules().text(row);
    next.status_note = command.note;
    if (auto refused = check_reason(state, context.quotas, row, next)) return std::move(*refused);
    Plan plan{state, context};
    plan.hold(row, HoldReason::by_user, command.note, {});
    if (!command.keeps_dependencies) plan.hold_dependencies(row);
    return std::move(plan).decision(context.principal.team);
}

Decision decide(const State& state, const ReleaseDeployment& command, const Context& context) {
    const RowIndex row = find_schedule(state, command.schedule, context);
    if (row == kNoRow) return no_such_schedule(command.schedule);
    std::vector<FieldError> errors;
    check_note("/reason", command.note, errors);
    if (!errors.empty()) return reject(std::move(errors));
    const ScheduleRow& known = state.schedules().at(row);
    if (known.status != ScheduleStatus::held) {
        return reject(RejectionCode::not_held,
                      status_text(known) + "; only what is held can be released");
    }
    const bool due = known.due_at <= context.now;
    if (due && state.installation().is_held()) {
        return reject(RejectionCode::dispatch_is_held,
                      "dispatch is held, and this one would run at once; arm dispatch first");
    }
    ScheduleText next = state.schedules().text(row);
    next.status_note = command.note;
    if (auto refused = check_reason(state, context.quotas, row, next)) return std::move(*refused);
    Plan plan{state, context};
    plan.release(row, ReleaseReason::by_user, command.note);
    const std::vector<RowIndex> along = plan.release_dependencies(row);
    // Rules may have changed while they were not to come, so that the change passed them over: an
    // instant had passed while it was held, or the clock was set back since.
    if (!due) reresolve_released(state, row, along, context, plan);
    for (const RowIndex at : along) {
        const bool waits = plan.status(at) == ScheduleStatus::scheduled;
        if (waits && plan.due_at(at) <= context.now) plan.come_due(at, false);
    }
    // A person let it go, so being late is no reason to hold it again. A dependency that cannot
    // succeed may have ended it already.
    if (due && plan.status(row) == ScheduleStatus::scheduled) plan.come_due(row, false);
    return std::move(plan).decision(context.principal.team);
}

Decision decide(const State& state, const RunNow& command, const Context& context) {
    const RowIndex row = find_schedule(state, command.schedule, context);
    if (row == kNoRow) return no_such_schedule(command.schedule);
    const ScheduleRow& known = state.schedules().at(row);
    if (!is_pending(known.status)) return past_pending(known);
    if (state.installation().is_held()) {
        return reject(RejectionCode::dispatch_is_held, "dispatch is held; arm it first");
    }
    Plan plan{state, context};
    std::vector<RowIndex> tree{row};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        for (const RowIndex at : plan.dependencies(tree[i])) {
            if (is_pending(plan.status(at))) tree.push_back(at);
        }
    }
    for (const RowIndex at : tree) {
        if (at == row || !is_held_by_person(state, at)) continue;
        if (!command.to_release_held) return dependency_held(state, at);
        plan.release(at, ReleaseReason::run_now, {});
    }
    for (const RowIndex at : tree) plan.expedite(at, known.id);
    // The deepest first, so that each finds its dependencies under way. One that cannot succeed any
    // more may have ended others before their turn came.
    for (auto at = tree.rbegin(); at != tree.rend(); ++at) {
        if (plan.status(*at) == ScheduleStatus::scheduled) plan.come_due(*at, false);
    }
    return std::move(plan).decision(context.principal.team);
}

Decision decide(const State& state, const Wake& command, const Context& context) {
    const RowIndex row = state.schedules().find(command.schedule);
    if (row == kNoRow) return no_such_schedule(command.schedule);
    const ScheduleRow& known = state.schedules().at(row);
    const bool asleep = known.woken_when_armed && state.installation().is_held();
    if (known.wake_at > context.now || asleep) {
        return reject(RejectionCode::nothing_to_do, status_text(known) + "; nothing is due yet");
    }
    Plan plan{state, context};
    switch (known.status) {
        case ScheduleStatus::scheduled:
            // By the rules of today its time may not have come, or have passed.
            if (!reresolve(state, row, context, plan) && plan.status(row) == known.status) {
                plan.come_due(row, true);
            }
            break;
        case ScheduleStatus::held:
            plan.resume_after_arming(row);
            break;
        case ScheduleStatus::waiting:
            plan.give_up_waiting(row);
            break;
        default: {
            const Run* const run = state.deployments().find(deployment_of(known.id));
            CHECK(run != nullptr && run->completion_deadline.has_value());
            plan.add(OutcomeUnknown{deployment_of(known.id), run->attempts.back().number,
                                    AttemptCause::completion_timed_out,
                                    "the target accepted it and did not report the end in time"});
        }
    }
    return std::move(plan).decision(state.schedules().team_of(known));
}

}  // namespace slipway
