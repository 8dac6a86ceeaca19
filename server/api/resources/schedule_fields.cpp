#include "server/api/resources/schedule_fields.h"

#include "server/api/resources/wall_clock_fields.h"

namespace slipway {

namespace {

constexpr std::int64_t kLeadMinutesMax = 7 * 24 * 60;

void read_number(Fields& fields, std::string_view name, std::uint32_t& value) {
    value = fields.number(name).value_or(value);
}

void read_policies(Fields& fields, Policies& policies) {
    if (const auto found = fields.choice<DependencyFailurePolicy>("on_dependency_failure")) {
        policies.on_dependency_failure = *found;
    }
    read_number(fields, "dependency_timeout_seconds", policies.dependency_timeout_seconds);
    if (auto misfire = fields.object("misfire")) {
        read_number(*misfire, "grace_seconds", policies.misfire_grace_seconds);
        if (const auto then = misfire->choice<MisfireAction>("then")) policies.misfire_then = *then;
        misfire->finish();
    }
    if (auto retry = fields.object("retry")) {
        read_number(*retry, "max_attempts", policies.retry_max_attempts);
        read_number(*retry, "backoff_seconds", policies.retry_backoff_seconds);
        read_number(*retry, "max_backoff_seconds", policies.retry_max_backoff_seconds);
        retry->finish();
    }
}

std::vector<Dependency> read_dependencies(const Json& json, const std::string& at,
                                          std::vector<FieldError>& errors);

Dependency read_dependency(const Json& json, const std::string& at,
                           std::vector<FieldError>& errors) {
    Dependency dependency;
    dependency.pointer = at;
    if (json.is_string()) {
        const auto id = AppId::parse(json.get_ref<const std::string&>());
        if (id) {
            dependency.app = *id;
        } else {
            add_error(errors, {at, RejectionCode::invalid_field,
                               "is no id of an app: app_ and 26 characters after that"});
        }
        return dependency;
    }
    Fields fields{json, at, errors};
    if (!json.is_object()) return dependency;
    dependency.pointer = fields.pointer("app");
    dependency.app = fields.required_id<AppId>("app");
    if (const auto minutes = fields.integer("lead_minutes", 0, kLeadMinutesMax)) {
        dependency.lead_seconds = static_cast<std::uint32_t>(*minutes * 60);
    }
    if (const Json* const inner = fields.member("dependency")) {
        dependency.dependencies = read_dependencies(*inner, fields.pointer("dependency"), errors);
    }
    fields.finish();
    return dependency;
}

std::vector<Dependency> read_dependencies(const Json& json, const std::string& at,
                                          std::vector<FieldError>& errors) {
    std::vector<Dependency> dependencies;
    if (!json.is_array()) {
        dependencies.push_back(read_dependency(json, at, errors));
        return dependencies;
    }
    for (std::size_t i = 0; i < json.size() && errors.size() < kFieldErrorsMax; ++i) {
        dependencies.push_back(read_dependency(json[i], at + "/" + std::to_string(i), errors));
    }
    return dependencies;
}

// What together says when. None of it can be missing.
constexpr const char* kTimeNames[] = {"year", "month", "day", "hour", "minute", "at", "timezone"};

// What a patch is laid over, but for the time: that can be said in two ways.
Json terms_of(const Schedules& schedules, RowIndex row) {
    const Policies& policies = schedules.policies(schedules.at(row));
    const ScheduleText& text = schedules.text(row);
    return {{"on_dependency_failure", name_of(policies.on_dependency_failure)},
            {"dependency_timeout_seconds", policies.dependency_timeout_seconds},
            {"misfire",
             {{"grace_seconds", policies.misfire_grace_seconds},
              {"then", name_of(policies.misfire_then)}}},
            {"retry",
             {{"max_attempts", policies.retry_max_attempts},
              {"backoff_seconds", policies.retry_backoff_seconds},
              {"max_backoff_seconds", policies.retry_max_backoff_seconds}}},
            {"note", text.note},
            {"labels", text.labels}};
}

}  // namespace

ScheduleDeployment read_schedule(const Json& json, std::vector<FieldError>& errors) {
    Fields fields{json, "", errors};
    ScheduleDeployment command;
    command.app = fields.required_id<AppId>("app");
    command.at = read_wall_clock(fields, std::nullopt);
    if (const Json* const dependency = fields.member("dependency")) {
        command.dependencies = read_dependencies(*dependency, "/dependency", errors);
    }
    if (const auto version = fields.text("app_version")) {
        command.latest_version = *version == "latest";
        if (*version != "latest" && *version != "pinned") {
            fields.fail("app_version", "is " + in_quotes(*version) + "; pinned or latest");
        }
    }
    read_policies(fields, command.policies);
    command.note = fields.text("note").value_or("");
    command.labels = fields.texts("labels").value_or(Labels{});
    fields.finish();
    return command;
}

RescheduleDeployment patched_schedule(const Json& patch, const Schedules& schedules, RowIndex row,
                                      std::vector<FieldError>& errors) {
    const ScheduleRow& known = schedules.at(row);
    Json merged = terms_of(schedules, row);
    bool retimed = patch.contains("disambiguation");
    for (const char* const name : kTimeNames) retimed = retimed || patch.contains(name);
    if (retimed) merged["disambiguation"] = name_of(known.disambiguation);
    lay_over(merged, patch);

    Fields fields{merged, "", errors};
    for (const char* const name : kTimeNames) {
        if (patch.contains(name) && patch[name].is_null()) {
            fields.fail(name, "is null; it can be changed, and not taken away");
        }
    }
    RescheduleDeployment command;
    command.schedule = known.id;
    if (retimed) {
        command.at = read_wall_clock(
            fields, KnownClock{known.wall_clock, schedules.original_timezone(known)});
    }
    read_policies(fields, command.policies);
    command.note = fields.text("note").value_or("");
    command.labels = fields.texts("labels").value_or(Labels{});
    fields.finish();
    return command;
}

RequestDeployment read_deployment_request(const Json& json, std::vector<FieldError>& errors) {
    Fields fields{json, "", errors};
    RequestDeployment command;
    command.app = fields.required_id<AppId>("app");
    if (auto retry = fields.object("retry")) {
        read_number(*retry, "max_attempts", command.policies.retry_max_attempts);
        read_number(*retry, "backoff_seconds", command.policies.retry_backoff_seconds);
        read_number(*retry, "max_backoff_seconds", command.policies.retry_max_backoff_seconds);
        retry->finish();
    }
    command.note = fields.text("note").value_or("");
    command.labels = fields.texts("labels").value_or(Labels{});
    fields.finish();
    return command;
}

}  // namespace slipway
