#include "eventlog/events/codec_parts.h"

namespace slipway::codec {

wire::Uuid wire_of(Uuid uuid) {
    return wire::Uuid{uuid.high, uuid.low};
}

flatbuffers::Offset<flatbuffers::String> write(Builder& to, const std::string& from) {
    if (from.empty()) return {};
    return to.CreateString(from);
}

flatbuffers::Offset<flatbuffers::Vector<std::uint32_t>> write(
    Builder& to, const std::vector<std::uint32_t>& from) {
    if (from.empty()) return {};
    return to.CreateVector(from);
}

flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Label>>> write(
    Builder& to, const Labels& from) {
    if (from.empty()) return {};
    std::vector<flatbuffers::Offset<wire::Label>> labels;
    for (const auto& [name, value] : from) {
        const auto name_at = to.CreateString(name);
        const auto value_at = write(to, value);
        wire::LabelBuilder made{to};
        made.add_name(name_at);
        if (!value_at.IsNull()) made.add_value(value_at);
        labels.push_back(made.Finish());
    }
    return to.CreateVector(labels);
}

bool read(const flatbuffers::String* from, std::string& to) {
    if (from == nullptr) {
        to.clear();
    } else {
        to.assign(from->c_str(), from->size());
    }
    return true;
}

bool read(const flatbuffers::Vector<std::uint32_t>* from, std::vector<std::uint32_t>& to) {
    if (from != nullptr) to.assign(from->begin(), from->end());
    return true;
}

bool read(const flatbuffers::Vector<flatbuffers::Offset<wire::Label>>* from, Labels& to) {
    if (from == nullptr) return true;
    for (const auto* const label : *from) {
        std::string name;
        std::string value;
        read(label->name(), name);
        read(label->value(), value);
        if (!to.emplace(std::move(name), std::move(value)).second) return false;
    }
    return true;
}

flatbuffers::Offset<wire::Container> write(Builder& to, const Container& from) {
    const auto name = write(to, from.name);
    const auto image = write(to, from.image);
    const auto ports = write(to, from.ports);
    const auto env = write(to, from.env);
    wire::ContainerBuilder made{to};
    if (!name.IsNull()) made.add_name(name);
    if (!image.IsNull()) made.add_image(image);
    made.add_cpu_millis(number_of(from.cpu_millis));
    made.add_memory_mib(number_of(from.memory_mib));
    if (!ports.IsNull()) made.add_ports(ports);
    if (!env.IsNull()) made.add_env(env);
    made.add_replicas(number_of(from.replicas));
    return made.Finish();
}

bool read(const wire::Container* from, Container& to) {
    if (from == nullptr) return false;
    return read(from->name(), to.name) && read(from->image(), to.image) &&
           read(from->cpu_millis(), to.cpu_millis) && read(from->memory_mib(), to.memory_mib) &&
           read(from->ports(), to.ports) && read(from->env(), to.env) &&
           read(from->replicas(), to.replicas);
}

flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Container>>> write(
    Builder& to, const std::vector<Container>& from) {
    if (from.empty()) return {};
    std::vector<flatbuffers::Offset<wire::Container>> containers;
    containers.reserve(from.size());
    for (const auto& container : from) containers.push_back(write(to, container));
    return to.CreateVector(containers);
}

bool read(const flatbuffers::Vector<flatbuffers::Offset<wire::Container>>* from,
          std::vector<Container>& to) {
    if (from == nullptr) return true;
    for (const auto* const container : *from) {
        if (!read(container, to.emplace_back())) return false;
    }
    return true;
}

flatbuffers::Offset<wire::Infrastructure> write(Builder& to, const Infrastructure& from) {
    const auto region = write(to, from.region);
    const auto containers = write(to, from.containers);
    wire::InfrastructureBuilder made{to};
    made.add_provider(number_of(from.provider));
    if (!region.IsNull()) made.add_region(region);
    if (!containers.IsNull()) made.add_containers(containers);
    return made.Finish();
}

bool read(const wire::Infrastructure* from, Infrastructure& to) {
    if (from == nullptr) return false;
    return read(from->provider(), to.provider) && read(from->region(), to.region) &&
           read(from->containers(), to.containers);
}

flatbuffers::Offset<wire::Target> write(Builder& to, const Target& from) {
    const auto url = to.CreateString(from.url);
    const auto credential = from.credential ? wire_of(from.credential->uuid) : wire::Uuid{};
    wire::TargetBuilder made{to};
    made.add_kind(number_of(from.kind));
    made.add_url(url);
    made.add_timeout_seconds(number_of(from.timeout_seconds));
    made.add_completion_timeout_seconds(number_of(from.completion_timeout_seconds));
    if (from.credential) made.add_credential(&credential);
    return made.Finish();
}

bool read(const wire::Target* from, Target& to) {
    if (from == nullptr) return false;
    return read(from->kind(), to.kind) && read(from->url(), to.url) &&
           read(from->timeout_seconds(), to.timeout_seconds) &&
           read(from->completion_timeout_seconds(), to.completion_timeout_seconds) &&
           read(from->credential(), to.credential);
}

flatbuffers::Offset<wire::AppDefinition> write(Builder& to, const AppDefinition& from) {
    const auto name = to.CreateString(from.name);
    const auto description = write(to, from.description);
    const auto labels = write(to, from.labels);
    const auto environment = write(to, from.environment);
    const auto infrastructure = write(to, from.infrastructure);
    const auto target = write(to, from.target);
    wire::AppDefinitionBuilder made{to};
    made.add_name(name);
    if (!description.IsNull()) made.add_description(description);
    if (!labels.IsNull()) made.add_labels(labels);
    if (!environment.IsNull()) made.add_environment(environment);
    made.add_infrastructure(infrastructure);
    made.add_target(target);
    return made.Finish();
}

bool read(const wire::AppDefinition* from, AppDefinition& to) {
    if (from == nullptr) return false;
    return read(from->name(), to.name) && read(from->description(), to.description) &&
           read(from->labels(), to.labels) && read(from->environment(), to.environment) &&
           read(from->infrastructure(), to.infrastructure) && read(from->target(), to.target);
}

flatbuffers::Offset<wire::PlannedTime> write(Builder& to, const PlannedTime& from) {
    // As a rule the zone was given by its canonical name.
    flatbuffers::Offset<flatbuffers::String> original_timezone;
    if (from.original_timezone != from.timezone) {
        original_timezone = to.CreateString(from.original_timezone);
    }
    const auto timezone = to.CreateString(from.timezone);
    const auto tzdb_version = to.CreateString(from.tzdb_version);
    wire::PlannedTimeBuilder made{to};
    // The wide ones first: less padding.
    made.add_wall_clock(number_of(from.wall_clock));
    made.add_due_at(number_of(from.due_at));
    if (!original_timezone.IsNull()) made.add_original_timezone(original_timezone);
    made.add_timezone(timezone);
    made.add_tzdb_version(tzdb_version);
    made.add_utc_offset_seconds(number_of(from.utc_offset_seconds));
    made.add_disambiguation(number_of(from.disambiguation));
    made.add_resolution(number_of(from.resolution));
    return made.Finish();
}

bool read(const wire::PlannedTime* from, PlannedTime& to) {
    if (from == nullptr) return false;
    const bool good = read(from->wall_clock(), to.wall_clock) &&
                      read(from->timezone(), to.timezone) &&
                      read(from->disambiguation(), to.disambiguation) &&
                      read(from->due_at(), to.due_at) && read(from->resolution(), to.resolution) &&
                      read(from->utc_offset_seconds(), to.utc_offset_seconds) &&
                      read(from->tzdb_version(), to.tzdb_version);
    to.original_timezone = to.timezone;
    return good && (from->original_timezone() == nullptr ||
                    read(from->original_timezone(), to.original_timezone));
}

flatbuffers::Offset<wire::Policies> write(Builder& to, const Policies& from) {
    if (from == Policies{}) return {};
    wire::PoliciesBuilder made{to};
    made.add_on_dependency_failure(number_of(from.on_dependency_failure));
    made.add_dependency_timeout_seconds(number_of(from.dependency_timeout_seconds));
    made.add_misfire_grace_seconds(number_of(from.misfire_grace_seconds));
    made.add_misfire_then(number_of(from.misfire_then));
    made.add_retry_max_attempts(number_of(from.retry_max_attempts));
    made.add_retry_backoff_seconds(number_of(from.retry_backoff_seconds));
    made.add_retry_max_backoff_seconds(number_of(from.retry_max_backoff_seconds));
    return made.Finish();
}

bool read(const wire::Policies* from, Policies& to) {
    if (from == nullptr) return true;
    return read(from->on_dependency_failure(), to.on_dependency_failure) &&
           read(from->dependency_timeout_seconds(), to.dependency_timeout_seconds) &&
           read(from->misfire_grace_seconds(), to.misfire_grace_seconds) &&
           read(from->misfire_then(), to.misfire_then) &&
           read(from->retry_max_attempts(), to.retry_max_attempts) &&
           read(from->retry_backoff_seconds(), to.retry_backoff_seconds) &&
           read(from->retry_max_backoff_seconds(), to.retry_max_backoff_seconds);
}

}  // namespace slipway::codec
