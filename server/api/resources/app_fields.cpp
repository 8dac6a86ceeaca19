#include "server/api/resources/app_fields.h"

#include "eventlog/base/json_writer.h"
#include "eventlog/events/target_settings.h"
#include "projections/render.h"

#include <algorithm>

namespace slipway {

namespace {

Container read_container(const Json& json, const std::string& at, std::vector<FieldError>& errors) {
    Fields fields{json, at, errors};
    Container container;
    container.name = fields.text("name").value_or("");
    container.image = fields.text("image").value_or("");
    container.cpu_millis = fields.number("cpu_millis").value_or(0);
    container.memory_mib = fields.number("memory_mib").value_or(0);
    container.env = fields.texts("env").value_or(Labels{});
    container.replicas = fields.number("replicas").value_or(1);
    if (const Json* const ports = fields.array("ports")) {
        for (std::size_t i = 0; i < ports->size(); ++i) {
            const Json& port = (*ports)[i];
            const bool valid = port.is_number_unsigned() && port.get<std::uint64_t>() >= 1 &&
                               port.get<std::uint64_t>() <= 65'535;
            if (valid) {
                container.ports.push_back(port.get<std::uint32_t>());
            } else {
                add_error(errors, {at + "/ports/" + std::to_string(i), RejectionCode::invalid_field,
                                   "is " + describe(port) + "; a port from 1 to 65535"});
            }
        }
    }
    fields.finish();
    return container;
}

Infrastructure read_infrastructure(Fields fields) {
    Infrastructure infrastructure;
    infrastructure.provider = fields.choice<Provider>("provider").value_or(Provider::other);
    infrastructure.region = fields.text("region").value_or("");
    if (const Json* const containers = fields.array("containers")) {
        for (std::size_t i = 0; i < containers->size(); ++i) {
            infrastructure.containers.push_back(read_container(
                (*containers)[i], fields.pointer("containers") + "/" + std::to_string(i),
                fields.errors()));
        }
    }
    fields.finish();
    return infrastructure;
}

// A kind that is not known is refused, and the rest is read as that of the first kind.
const Description& read_kind(Fields& fields, const Kinds& kinds) {
    std::vector<std::string_view> accepted;
    for (const Executor* executor : kinds.all()) accepted.push_back(executor->description().name);
    if (fields.member("kind") == nullptr) fields.fail_absent("kind", alternatives(accepted));
    if (const auto name = fields.text("kind")) {
        if (const Executor* const executor = kinds.find(*name)) return executor->description();
        fields.fail_choice("kind", *name, accepted);
    }
    return kinds.all().front()->description();
}

TargetSettings read_settings(Fields& fields, const Description& description) {
    TargetSettings settings;
    for (const SettingField& field : description.fields) {
        if (fields.member(field.name) == nullptr) fields.fail_absent(field.name, field.meaning);
        settings.emplace_back(field.name, fields.text(field.name).value_or(""));
    }
    std::ranges::sort(settings);
    return settings;
}

Target read_target(Fields fields, const Kinds& kinds) {
    Target target;
    const Description& description = read_kind(fields, kinds);
    target.kind = description.kind;
    set_settings(target, read_settings(fields, description));
    target.timeout_seconds = fields.number("timeout_seconds").value_or(target.timeout_seconds);
    target.completion_timeout_seconds =
        fields.number("completion_timeout_seconds").value_or(target.completion_timeout_seconds);
    target.credential = fields.id<CredentialId>("credential");
    fields.finish();
    return target;
}

// What is needed where a target is missing.
std::string needed_target(const Kinds& kinds) {
    std::vector<std::string_view> examples;
    for (const Executor* executor : kinds.all()) {
        examples.push_back(executor->description().example);
    }
    return "how the app is deployed, " + alternatives(examples) + ",";
}

// Another kind has other settings: none of the old ones stays.
void drop_other_settings(Json& merged, const Json& patch, const Description& description) {
    const auto target = patch.find("target");
    if (target == patch.end() || !target->is_object()) return;
    const auto kind = target->find("kind");
    if (kind == target->end() || *kind == description.name) return;
    for (const SettingField& field : description.fields) {
        merged["target"].erase(std::string{field.name});
    }
}

AppDefinition read(const Json& json, bool name_required, const Kinds& kinds,
                   std::vector<FieldError>& errors) {
    Fields fields{json, "", errors};
    AppDefinition definition;
    if (name_required && fields.member("name") == nullptr) fields.fail_absent("name", "a name");
    definition.name = fields.text("name").value_or("");
    definition.description = fields.text("description").value_or("");
    definition.labels = fields.texts("labels").value_or(Labels{});
    definition.environment = fields.text("environment").value_or("");
    if (auto infrastructure = fields.object("infrastructure")) {
        definition.infrastructure = read_infrastructure(std::move(*infrastructure));
    }
    if (auto target = fields.object("target")) {
        definition.target = read_target(std::move(*target), kinds);
    } else {
        fields.fail_absent("target", needed_target(kinds));
    }
    fields.finish();
    return definition;
}

}  // namespace

AppDefinition read_definition(const Json& json, const Kinds& kinds,
                              std::vector<FieldError>& errors) {
    return read(json, true, kinds, errors);
}

AppDefinition patched_definition(const AppDefinition& definition, const Json& patch, PatchOf of,
                                 const Kinds& kinds, std::vector<FieldError>& errors) {
    if (!patch.is_object()) {
        errors.push_back(
            {"", RejectionCode::invalid_field, "is " + describe(patch) + "; an object is needed"});
        return {};
    }
    std::string text;
    JsonWriter writer{text};
    write_json(writer, definition);
    Json merged = Json::parse(text);
    if (of == PatchOf::clone) {
        merged.erase("name");
        merged["target"].erase("credential");
    }
    drop_other_settings(merged, patch, kinds.at(definition.target.kind).description());
    lay_over(merged, patch);
    return read(merged, of == PatchOf::app, kinds, errors);
}

bool has_label(const Labels& labels, const std::string& filter) {
    const auto equals = filter.find('=');
    const auto at = labels.find(filter.substr(0, equals));
    if (at == labels.end()) return false;
    return equals == std::string::npos || at->second == filter.substr(equals + 1);
}

}  // namespace slipway
