// The events of an app's stream, and the definition that they carry: infrastructure and target.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "eventlog/events/field_rules.h"
#include "eventlog/events/vocabulary.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

using Labels = std::map<std::string, std::string>;

struct Container {
    std::string name;
    std::string image;
    std::uint32_t cpu_millis = 0;  // 0: not said
    std::uint32_t memory_mib = 0;  // 0: not said
    std::vector<std::uint32_t> ports;
    Labels env;
    std::uint32_t replicas = 1;

    friend bool operator==(const Container&, const Container&) = default;
};
BOOST_DESCRIBE_STRUCT(Container, (), (name, image, cpu_millis, memory_mib, ports, env, replicas))

struct Infrastructure {
    Provider provider = Provider::other;
    std::string region;
    std::vector<Container> containers;

    friend bool operator==(const Infrastructure&, const Infrastructure&) = default;
};
BOOST_DESCRIBE_STRUCT(Infrastructure, (), (provider, region, containers))

// How a deployment is carried out.
struct Target {
    TargetKind kind = TargetKind::webhook;
    std::string url;
    std::uint32_t timeout_seconds = 30;               // for one attempt to be answered
    std::uint32_t completion_timeout_seconds = 3600;  // after a 202, for the end to be reported
    std::optional<CredentialId> credential;           // what it is shown

    friend bool operator==(const Target&, const Target&) = default;
};
BOOST_DESCRIBE_STRUCT(Target, (),
                      (kind, url, timeout_seconds, completion_timeout_seconds, credential))
template <>
inline constexpr bool kIsRequired<&Target::url> = true;

struct AppDefinition {
    std::string name;
    std::string description;
    Labels labels;
    std::string environment;
    Infrastructure infrastructure;
    Target target;

    friend bool operator==(const AppDefinition&, const AppDefinition&) = default;
};
BOOST_DESCRIBE_STRUCT(AppDefinition, (),
                      (name, description, labels, environment, infrastructure, target))
template <>
inline constexpr bool kIsRequired<&AppDefinition::name> = true;

struct AppCreated {
    AppId app;
    AppDefinition definition;

    friend bool operator==(const AppCreated&, const AppCreated&) = default;
};
BOOST_DESCRIBE_STRUCT(AppCreated, (), (app, definition))

struct AppCloned {
    AppId app;
    AppDefinition definition;
    AppId source;
    Version source_version;

    friend bool operator==(const AppCloned&, const AppCloned&) = default;
};
BOOST_DESCRIBE_STRUCT(AppCloned, (), (app, definition, source, source_version))

// The whole new definition.
struct AppRevised {
    AppId app;
    AppDefinition definition;

    friend bool operator==(const AppRevised&, const AppRevised&) = default;
};
BOOST_DESCRIBE_STRUCT(AppRevised, (), (app, definition))

struct AppArchived {
    AppId app;

    friend bool operator==(const AppArchived&, const AppArchived&) = default;
};
BOOST_DESCRIBE_STRUCT(AppArchived, (), (app))

struct SigningSecretRotated {
    AppId app;
    std::uint32_t generation = 1;  // the secret itself is derived, and stored nowhere

    friend bool operator==(const SigningSecretRotated&, const SigningSecretRotated&) = default;
};
BOOST_DESCRIBE_STRUCT(SigningSecretRotated, (), (app, generation))

}  // namespace slipway
