// Bodies of requests, to commands, to events. The first byte says what the body is for, the rest is
// JSON. What has no bad field is decided, and what is decided can be recorded and replayed.

#include "eventlog/base/check.h"
#include "server/api/resources/app_fields.h"
#include "server/api/resources/schedule_fields.h"
#include "server/domain/decide.h"
#include "server/engine/kind_rules.h"
#include "server/targets/kinds.h"
#include "tests/fuzz/story.h"
#include "tests/fuzz/target.h"
#include "tests/support/fixtures.h"
#include "tests/support/scenario.h"

#include <optional>

namespace slipway {

namespace {

using Errors = std::vector<FieldError>;

// Told once: a command that is accepted is applied to another state.
const State& beginning() {
    static const std::unique_ptr<State> state = [] {
        auto made = std::make_unique<State>();
        for (const RecordedEvent& one : story()) made->apply(one);
        return made;
    }();
    return *state;
}

std::optional<Command> command_of(char kind, const Json& json, Errors& errors) {
    const Apps& apps = beginning().apps();
    const Schedules& schedules = beginning().schedules();
    switch (kind) {
        case 's':
            return read_schedule(json, errors);
        case 'S':
            return patched_schedule(json, schedules, schedules.find(kRoot), errors);
        case 'd':
            return read_deployment_request(json, errors);
        case 'a':
            return CreateApp{read_definition(json, target_kinds(), errors)};
        case 'A':
            return ReviseApp{kApi, patched_definition(apps.find(kApi)->definition(), json,
                                                      PatchOf::app, target_kinds(), errors)};
        case 'c':
            return CloneApp{kApi, patched_definition(apps.find(kApi)->definition(), json,
                                                     PatchOf::clone, target_kinds(), errors)};
        default:
            return std::nullopt;
    }
}

void check_errors(const Errors& errors) {
    for (const FieldError& error : errors) {
        CHECK(!error.detail.empty());
        CHECK(error.pointer.empty() || error.pointer.starts_with('/'));
    }
}

void check_accepted(const Decided& decided, const Principal& actor) {
    CHECK(decided.events.size() <= kEventsPerDecisionMax);
    CHECK(decided.team == actor.team);
    State state;
    std::vector<RecordedEvent> history = story();
    for (const RecordedEvent& one : history) state.apply(one);
    for (const Event& event : decided.events) {
        const Envelope envelope{
            kNoon, stream_of(event), state.next_version(event), decided.team, actor.actor, {}, {},
            {}};
        history.push_back({Position{state.position().value + 1}, envelope, event});
        check_event(history.back());
        state.apply(history.back());
    }
    check_state(state, history);
}

void run(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto parsed = parse_json(bytes.substr(1));
    const auto* const json = std::get_if<Json>(&parsed);
    if (json == nullptr) return;
    Errors errors;
    const auto command = command_of(bytes.front(), *json, errors);
    check_errors(errors);
    if (!command) return;

    static const FewZones zones;
    ScriptedIds ids;
    const Principal alice{Actor{ActorKind::user, kAlice, {}}, kOps, false};
    const KindRules targets{target_kinds()};
    const Decision decision = decide(beginning(), *command, {kNoon, ids, zones, targets, alice});
    if (const auto* const rejection = std::get_if<Rejection>(&decision)) {
        check_errors(rejection->fields);
        return;
    }
    // What could not be read is refused before it comes to a decision; that must still be safe,
    // since it is asked for more errors.
    if (errors.empty()) check_accepted(std::get<Decided>(decision), alice);
}

const FuzzTarget kTarget{"command", run};

}  // namespace

}  // namespace slipway
