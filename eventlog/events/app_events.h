// The events of an app's stream, and the definition that they carry: infrastructure and target.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
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

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("name", self.name);
        visit("image", self.image);
        visit("cpu_millis", self.cpu_millis);
        visit("memory_mib", self.memory_mib);
        visit("ports", self.ports);
        visit("env", self.env);
        visit("replicas", self.replicas);
    }
    friend bool operator==(const Container&, const Container&) = default;
};

struct Infrastructure {
    Provider provider = Provider::other;
    std::string region;
    std::vector<Container> containers;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("provider", self.provider);
        visit("region", self.region);
        visit("containers", self.containers);
    }
    friend bool operator==(const Infrastructure&, const Infrastructure&) = default;
};

// How a deployment is carried out.
struct Target {
    TargetKind kind = TargetKind::webhook;
    std::string url;
    std::uint32_t timeout_seconds = 30;               // for one attempt to be answered
    std::uint32_t completion_timeout_seconds = 3600;  // after a 202, for the end to be reported
    std::optional<CredentialId> credential;           // what it is shown

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("kind", self.kind);
        visit("url", self.url);
        visit("timeout_seconds", self.timeout_seconds);
        visit("completion_timeout_seconds", self.completion_timeout_seconds);
        visit("credential", self.credential);
    }
    friend bool operator==(const Target&, const Target&) = default;
};

struct AppDefinition {
    std::string name;
    std::string description;
    Labels labels;
    std::string environment;
    Infrastructure infrastructure;
    Target target;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("name", self.name);
        visit("description", self.description);
        visit("labels", self.labels);
        visit("environment", self.environment);
        visit("infrastructure", self.infrastructure);
        visit("target", self.target);
    }
    friend bool operator==(const AppDefinition&, const AppDefinition&) = default;
};

struct AppCreated {
    AppId app;
    AppDefinition definition;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("app", self.app);
        visit("definition", self.definition);
    }
    friend bool operator==(const AppCreated&, const AppCreated&) = default;
};

struct AppCloned {
    AppId app;
    AppDefinition definition;
    AppId source;
    Version source_version;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("app", self.app);
        visit("definition", self.definition);
        visit("source", self.source);
        visit("source_version", self.source_version);
    }
    friend bool operator==(const AppCloned&, const AppCloned&) = default;
};

// The whole new definition.
struct AppRevised {
    AppId app;
    AppDefinition definition;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("app", self.app);
        visit("definition", self.definition);
    }
    friend bool operator==(const AppRevised&, const AppRevised&) = default;
};

struct AppArchived {
    AppId app;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("app", self.app);
    }
    friend bool operator==(const AppArchived&, const AppArchived&) = default;
};

struct SigningSecretRotated {
    AppId app;
    std::uint32_t generation = 1;  // the secret itself is derived, and stored nowhere

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("app", self.app);
        visit("generation", self.generation);
    }
    friend bool operator==(const SigningSecretRotated&, const SigningSecretRotated&) = default;
};

}  // namespace slipway
