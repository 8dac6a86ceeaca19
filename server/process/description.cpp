#include "server/process/description.h"

#include "eventlog/base/json_writer.h"
#include "eventlog/base/version.h"
#include "eventlog/events/event_json.h"
#include "eventlog/events/vocabulary.h"
#include "server/api/problem.h"
#include "server/api/resources/routes.h"

#include <set>

namespace slipway {

namespace {

void write_route(JsonWriter& json, const Route& route) {
    json.begin_object();
    json.member("method", name_of(route.method));
    json.member("path", route.path);
    json.member("operation", route.operation.name);
    json.member("permission", name_of(route.permission));
    // Asked without a token; with the token of one deployment; while the server stops.
    json.member("public", route.is(Route::kPublic));
    json.member("callback", route.is(Route::kCallback));
    json.member("while_draining", route.is(Route::kWhileDraining));
    json.end_object();
}

std::set<std::string_view> problem_codes() {
    std::set<std::string_view> codes{std::begin(kProblemCodes), std::end(kProblemCodes)};
    for (const std::string_view name : rejection_code_names()) codes.insert(name);
    return codes;
}

template <class Names>
void write_names(JsonWriter& json, std::string_view name, const Names& names) {
    json.key(name);
    json.begin_array();
    for (const std::string_view one : names) json.value(one);
    json.end_array();
}

template <class Enum>
void write_words(JsonWriter& json, std::string_view name) {
    write_names(json, name, names_of<Enum>());
}

}  // namespace

std::string description() {
    std::string text;
    JsonWriter json{text};
    json.begin_object();
    json.member("version", version_number());
    json.key("routes");
    json.begin_array();
    for (const Route& route : routes()) write_route(json, route);
    json.end_array();
    write_names(json, "problem_codes", problem_codes());
    write_names(json, "event_types", event_type_names());
    json.key("words");
    json.begin_object();
    write_words<ScheduleStatus>(json, "ScheduleStatus");
    write_words<EndReason>(json, "EndReason");
    write_words<Disambiguation>(json, "Disambiguation");
    write_words<Resolution>(json, "Resolution");
    write_words<DependencyFailurePolicy>(json, "DependencyFailurePolicy");
    write_words<MisfireAction>(json, "MisfireAction");
    write_words<HoldReason>(json, "HoldReason");
    write_words<ReleaseReason>(json, "ReleaseReason");
    write_words<CancelReason>(json, "CancelReason");
    write_words<Role>(json, "Role");
    write_words<ClaimReason>(json, "ClaimReason");
    write_words<DispatchReason>(json, "DispatchReason");
    write_words<ExportKind>(json, "ExportKind");
    write_words<AttemptCause>(json, "AttemptCause");
    write_words<Verdict>(json, "Verdict");
    write_words<Provider>(json, "Provider");
    write_words<TargetKind>(json, "TargetKind");
    write_words<CredentialKind>(json, "CredentialKind");
    write_words<ActorKind>(json, "ActorKind");
    json.end_object();
    json.end_object();
    return text;
}

}  // namespace slipway
