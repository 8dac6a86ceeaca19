#include "eventlog/base/quote.h"
#include "eventlog/events/target_settings.h"
#include "server/domain/decide.h"
#include "server/domain/plan.h"
#include "server/domain/text_rules.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr int kCloneNamesMax = 10'000;
constexpr std::size_t kSchedulesListedMax = 20;

Rejection no_such_app(AppId id) {
    return reject(RejectionCode::app_not_found, "there is no app " + id.text());
}

Rejection name_taken(const std::string& name) {
    return Rejection{
        RejectionCode::app_name_taken,
        "the team has an app named " + in_quotes(name) + " already",
        {{"/name", RejectionCode::app_name_taken, "is taken; names are unique in a team"}},
        {}};
}

Rejection is_archived(const App& app) {
    return reject(RejectionCode::app_is_archived, app.id.text() + " is archived; it cannot change");
}

// api-clone, api-clone-2, …: the first that is free.
std::string clone_name(const State& state, const App& source) {
    const std::string base = source.definition().name + "-clone";
    for (int i = 1; i <= kCloneNamesMax; ++i) {
        std::string name = i == 1 ? base : base + "-" + std::to_string(i);
        if (state.apps().find(source.team, name) == nullptr) return name;
    }
    return base;
}

// Whether `errors` blame a setting of `target`.
bool is_blamed(const Target& target, const std::vector<FieldError>& errors) {
    const TargetSettings settings = settings_of(target);
    return std::any_of(settings.begin(), settings.end(), [&](const auto& setting) {
        return std::any_of(errors.begin(), errors.end(), [&](const FieldError& error) {
            return error.pointer == "/target/" + pointer_segment(setting.first);
        });
    });
}

// A credential goes to its own origin only: who may name one cannot have it sent elsewhere. While a
// setting is refused, nobody knows where that is.
void check_credential(const State& state, TeamId team, const Target& target, const Context& context,
                      std::vector<FieldError>& errors) {
    if (!target.credential) return;
    const Credential* const credential = state.teams().find(team, *target.credential);
    if (credential == nullptr) {
        errors.push_back({"/target/credential", RejectionCode::unknown_credential,
                          "there is no credential " + target.credential->text()});
        return;
    }
    const std::string origin = context.targets.origin(target);
    if (origin.empty() || credential->origin == origin || is_blamed(target, errors)) return;
    errors.push_back(
        {"/target/credential", RejectionCode::invalid_field,
         "is for " + shortened(credential->origin) + " only, and not for " + shortened(origin)});
}

std::optional<Rejection> no_room_for_app(const State& state, const AppDefinition& definition,
                                         const Context& context, TeamId team) {
    auto refused =
        check_quota(context.quotas, &Quotas::apps, state.apps().use_of(team).live, 1, "the team");
    if (refused) return refused;
    return check_growth(state, context.quotas, team, {kAppBytes + definition_bytes(definition)});
}

// The definition before stays beside it if something open is pinned to it.
std::optional<Rejection> no_room_for_revision(const State& state, const App& app,
                                              const AppDefinition& definition,
                                              const Context& context) {
    const bool stays =
        state.schedules().is_pinned({state.apps().index_of(app.id), app.definition_version()});
    const std::size_t more = definition_bytes(definition);
    const std::size_t less = stays ? 0 : definition_bytes(app.definition());
    return check_growth(state, context.quotas, app.team, {more > less ? more - less : 0});
}

Rejection has_pending(const State& state, const DueQueue& pending) {
    Rejection rejection = reject(RejectionCode::app_has_pending_schedules,
                                 std::to_string(pending.size()) +
                                     " scheduled deployments of the app are pending; cancel them, "
                                     "or say ?cancel_schedules=true");
    for (const DueEntry& entry : pending) {
        if (rejection.schedules.size() == kSchedulesListedMax) break;
        const ScheduleRow& row = state.schedules().at(entry.row);
        rejection.schedules.push_back({row.id, name_of(row.status), row.due_at});
    }
    rejection.schedules_in_all = pending.size();
    return rejection;
}

Rejection too_many_to_cancel() {
    return reject(RejectionCode::too_many_schedules,
                  "too many scheduled deployments to cancel at once; cancel some first");
}

}  // namespace

Decision decide(const State& state, const CreateApp& command, const Context& context) {
    std::vector<FieldError> errors;
    check_definition(command.definition, context.targets, errors);
    const TeamId team = context.principal.team;
    check_credential(state, team, command.definition.target, context, errors);
    if (!errors.empty()) return reject(std::move(errors));
    if (state.apps().find(team, command.definition.name) != nullptr) {
        return name_taken(command.definition.name);
    }
    if (auto refused = no_room_for_app(state, command.definition, context, team)) {
        return std::move(*refused);
    }
    return Decided{team, {AppCreated{AppId{context.ids.next(context.now)}, command.definition}}};
}

Decision decide(const State& state, const CloneApp& command, const Context& context) {
    const App* const source = find_app(state, command.source, context);
    if (source == nullptr) return no_such_app(command.source);
    AppDefinition definition = command.definition;
    if (definition.name.empty()) definition.name = clone_name(state, *source);
    std::vector<FieldError> errors;
    check_definition(definition, context.targets, errors);
    check_credential(state, source->team, definition.target, context, errors);
    if (!errors.empty()) return reject(std::move(errors));
    if (state.apps().find(source->team, definition.name) != nullptr) {
        return name_taken(definition.name);
    }
    if (auto refused = no_room_for_app(state, definition, context, source->team)) {
        return std::move(*refused);
    }
    return Decided{source->team,
                   {AppCloned{AppId{context.ids.next(context.now)}, std::move(definition),
                              source->id, source->definition_version()}}};
}

Decision decide(const State& state, const ReviseApp& command, const Context& context) {
    const App* const app = find_app(state, command.app, context);
    if (app == nullptr) return no_such_app(command.app);
    if (app->archived) return is_archived(*app);
    std::vector<FieldError> errors;
    check_definition(command.definition, context.targets, errors);
    check_credential(state, app->team, command.definition.target, context, errors);
    if (!errors.empty()) return reject(std::move(errors));
    const App* const named = state.apps().find(app->team, command.definition.name);
    if (named != nullptr && named != app) return name_taken(command.definition.name);
    if (command.definition == app->definition()) return Decided{app->team, {}};
    if (auto refused = no_room_for_revision(state, *app, command.definition, context)) {
        return std::move(*refused);
    }
    return Decided{app->team, {AppRevised{app->id, command.definition}}};
}

Decision decide(const State& state, const ArchiveApp& command, const Context& context) {
    const App* const app = find_app(state, command.app, context);
    if (app == nullptr) return no_such_app(command.app);
    if (app->archived) return Decided{app->team, {}};
    const DueQueue& pending = state.schedules().pending_of(*app);
    if (pending.size() > 0 && !command.cancel_schedules) return has_pending(state, pending);
    // Each takes an event at least.
    if (pending.size() > kEventsPerDecisionMax) return too_many_to_cancel();

    Plan plan{state, context};
    for (const DueEntry& entry : pending) {
        const RowIndex row = entry.row;
        const RowIndex parent = state.schedules().at(row).parent;
        if (!is_pending(plan.status(row))) continue;
        if (parent != kNoRow && is_pending(plan.status(parent))) {
            const ScheduleRow& above = state.schedules().at(parent);
            if (state.schedules().app_of(above).id == app->id) continue;
            return reject(RejectionCode::is_a_dependency,
                          state.schedules().at(row).id.text() + " is a dependency of " +
                              above.id.text() + ", of another app; cancel that first");
        }
        const ScheduleId root = state.schedules().at(row).id;
        plan.cancel(row, CancelReason::app_archived, {}, root);
        if (plan.size() >= kEventsPerDecisionMax) return too_many_to_cancel();
    }
    plan.add(AppArchived{app->id});
    return std::move(plan).decision(app->team);
}

Decision decide(const State& state, const RotateSigningSecret& command, const Context& context) {
    const App* const app = find_app(state, command.app, context);
    if (app == nullptr) return no_such_app(command.app);
    if (app->archived) return is_archived(*app);
    return Decided{app->team, {SigningSecretRotated{app->id, app->signing_generation + 1}}};
}

}  // namespace slipway
