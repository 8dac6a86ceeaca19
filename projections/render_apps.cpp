// The JSON forms of apps and of what they are made of.

#include "eventlog/base/url.h"
#include "eventlog/events/target_settings.h"
#include "projections/render.h"
#include "projections/render_parts.h"

#include <algorithm>

namespace slipway {

namespace {

void write_container(JsonWriter& json, const Container& container) {
    json.begin_object();
    json.member("name", container.name);
    json.member("image", container.image);
    json.member("cpu_millis", container.cpu_millis);
    json.member("memory_mib", container.memory_mib);
    json.key("ports");
    json.begin_array();
    for (const auto port : container.ports) json.value(port);
    json.end_array();
    json.key("env");
    write_json(json, container.env);
    json.member("replicas", container.replicas);
    json.end_object();
}

bool shows_secret(const Target& target) {
    const TargetSettings settings = settings_of(target);
    return std::any_of(settings.begin(), settings.end(),
                       [](const auto& setting) { return has_secret(setting.second); });
}

}  // namespace

void write_members(JsonWriter& json, const AppDefinition& definition) {
    json.member("name", definition.name);
    json.member("description", definition.description);
    json.key("labels");
    write_json(json, definition.labels);
    json.member("environment", definition.environment);
    json.key("infrastructure");
    write_json(json, definition.infrastructure);
    json.key("target");
    write_json(json, definition.target);
}

void write_json(JsonWriter& json, const Labels& labels) {
    json.begin_object();
    for (const auto& [name, value] : labels) json.member(name, value);
    json.end_object();
}

void write_json(JsonWriter& json, const Infrastructure& infrastructure) {
    json.begin_object();
    json.member("provider", name_of(infrastructure.provider));
    json.member("region", infrastructure.region);
    json.key("containers");
    json.begin_array();
    for (const auto& container : infrastructure.containers) write_container(json, container);
    json.end_array();
    json.end_object();
}

void write_json(JsonWriter& json, const Target& target) {
    json.begin_object();
    json.member("kind", name_of(target.kind));
    for (const auto& [name, value] : settings_of(target)) json.member(name, value);
    json.member("timeout_seconds", target.timeout_seconds);
    json.member("completion_timeout_seconds", target.completion_timeout_seconds);
    value_or_null(json, "credential", target.credential);
    json.end_object();
}

void write_json(JsonWriter& json, const AppDefinition& definition) {
    json.begin_object();
    write_members(json, definition);
    json.end_object();
}

void write_json(JsonWriter& json, const App& app, const AppDefinition* definition) {
    json.begin_object();
    json.member("id", app.id);
    json.member("team", app.team);
    if (definition != nullptr) {
        write_members(json, *definition);
    } else if (app.is_outline) {
        json.member("name", app.definition().name);
        json.key("labels");
        write_json(json, app.definition().labels);
        json.member("environment", app.definition().environment);
    } else {
        write_members(json, app.definition());
    }
    json.member("archived", app.archived);
    json.key("cloned_from");
    if (app.cloned_from) {
        json.begin_object();
        json.member("app", app.cloned_from->app);
        json.member("version", app.cloned_from->version.value);
        json.end_object();
    } else {
        json.null();
    }
    json.key("warnings");
    json.begin_array();
    const AppDefinition& known = definition != nullptr ? *definition : app.definition();
    if (shows_secret(known.target)) json.value("secret_in_url");
    json.end_array();
    json.member("definition_version", app.definition_version().value);
    json.member("signing_generation", app.signing_generation);
    json.member("created_at", app.created_at);
    id_or_null(json, "created_by", app.created_by);
    json.member("version", app.version.value);
    json.end_object();
}

}  // namespace slipway
