#include "server/domain/text_rules.h"

#include "eventlog/base/ascii.h"
#include "eventlog/base/quote.h"
#include "eventlog/base/unicode.h"
#include "eventlog/base/url.h"
#include "eventlog/events/target_settings.h"

#include <algorithm>
#include <set>

namespace slipway {

namespace {

constexpr std::size_t kContainersMax = 50;
constexpr std::size_t kPortsMax = 50;
constexpr std::size_t kImagesAndEnvBytesMax = 64 * 1024;  // pinned versions stay in memory
constexpr std::size_t kEnvMax = 200;
constexpr std::size_t kEnvCharactersMax = 8'192;
constexpr std::size_t kImageCharactersMax = 2'048;
constexpr std::size_t kSettingCharactersMax = 2'048;
constexpr std::size_t kHeaderCharactersMax = 100;
constexpr std::size_t kSecretBytesMin = 8;  // what is shorter is guessed, not known
constexpr std::size_t kSecretBytesMax = 4'096;
constexpr std::uint32_t kTimeoutSecondsMax = 300;
constexpr std::uint32_t kDaySeconds = 24 * 60 * 60;
constexpr std::uint32_t kWeekSeconds = 7 * kDaySeconds;
constexpr std::uint32_t kYearSeconds = 366 * kDaySeconds;
constexpr std::uint32_t kAttemptsMax = 100;

void add(std::vector<FieldError>& errors, const std::string& pointer, std::string detail) {
    errors.push_back({pointer, RejectionCode::invalid_field, std::move(detail)});
}

void check_length(const std::string& pointer, const std::string& text, std::size_t characters_max,
                  std::vector<FieldError>& errors) {
    // No text has more characters than bytes.
    if (text.size() <= characters_max) return;
    const std::size_t characters = characters_in(text);
    if (characters <= characters_max) return;
    add(errors, pointer,
        "has " + std::to_string(characters) + " characters; at most " +
            std::to_string(characters_max));
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

void check_hidden(const std::string& pointer, const std::string& text, std::u32string_view allowed,
                  std::vector<FieldError>& errors) {
    const char32_t hidden = hidden_in(text, allowed);
    if (hidden == 0 && text.find('\0') == std::string::npos) return;
    add(errors, pointer,
        "has " + code_point_text(hidden) +
            "; no control characters, overrides of direction or separators of lines, and nothing "
            "else that is not seen");
}

// Several lines, and what people paste without seeing it; no controls, no overrides of direction.
constexpr std::u32string_view kAllowedInNotes =
    U"\n\t\u061C\u200B\u200E\u200F\u2028\u2029\u2060\uFEFF";

void check_line(const std::string& pointer, const std::string& text, std::size_t characters_max,
                std::vector<FieldError>& errors) {
    check_length(pointer, text, characters_max, errors);
    check_hidden(pointer, text, {}, errors);
}

void check_range(const std::string& pointer, std::uint32_t value, std::uint32_t min,
                 std::uint32_t max, std::vector<FieldError>& errors) {
    if (value >= min && value <= max) return;
    add(errors, pointer,
        "is " + std::to_string(value) + "; " + std::to_string(min) + " to " + std::to_string(max));
}

void check_count(const std::string& pointer, std::size_t count, std::size_t max,
                 std::vector<FieldError>& errors) {
    if (count <= max) return;
    add(errors, pointer, "has " + std::to_string(count) + "; at most " + std::to_string(max));
}

void check_settings(const Target& target, const TargetRules& targets,
                    std::vector<FieldError>& errors) {
    const std::size_t before = errors.size();
    for (const auto& [name, value] : settings_of(target)) {
        check_line("/target/" + pointer_segment(name), value, kSettingCharactersMax, errors);
    }
    if (errors.size() == before) targets.check(target, errors);
    check_range("/target/timeout_seconds", target.timeout_seconds, 1, kTimeoutSecondsMax, errors);
    check_range("/target/completion_timeout_seconds", target.completion_timeout_seconds, 1,
                kWeekSeconds, errors);
}

void check_container(const std::string& at, const Container& container,
                     std::vector<FieldError>& errors) {
    check_name(at + "/name", container.name, errors);
    check_line(at + "/image", container.image, kImageCharactersMax, errors);
    if (container.image.empty()) add(errors, at + "/image", "is empty; an image is needed");
    check_count(at + "/ports", container.ports.size(), kPortsMax, errors);
    for (std::size_t i = 0; i < container.ports.size(); ++i) {
        check_range(at + "/ports/" + std::to_string(i), container.ports[i], 1, 65'535, errors);
    }
    check_count(at + "/env", container.env.size(), kEnvMax, errors);
    for (const auto& [name, value] : container.env) {
        const std::string pointer = at + "/env/" + pointer_segment(name);
        if (name.empty()) add(errors, pointer, "has an empty name");
        check_line(pointer, name, kNameCharactersMax, errors);
        check_length(pointer, value, kEnvCharactersMax, errors);
    }
    check_range(at + "/cpu_millis", container.cpu_millis, 0, 1'000'000, errors);
    check_range(at + "/memory_mib", container.memory_mib, 0, 16'777'216, errors);
    check_range(at + "/replicas", container.replicas, 0, 10'000, errors);
}

}  // namespace

void check_name(const std::string& pointer, const std::string& name,
                std::vector<FieldError>& errors) {
    if (name.empty()) add(errors, pointer, "is empty; a name is needed");
    if (name.starts_with(' ') || name.ends_with(' ')) {
        add(errors, pointer, "begins or ends with a space");
    }
    check_line(pointer, name, kNameCharactersMax, errors);
}

void check_note(const std::string& pointer, const std::string& note,
                std::vector<FieldError>& errors) {
    check_length(pointer, note, kNoteCharactersMax, errors);
    check_hidden(pointer, note, kAllowedInNotes, errors);
}

void check_labels(const std::string& pointer, const Labels& labels,
                  std::vector<FieldError>& errors) {
    check_count(pointer, labels.size(), kLabelsMax, errors);
    for (const auto& [name, value] : labels) {
        const std::string at = pointer + "/" + pointer_segment(name);
        if (name.empty()) add(errors, at, "has an empty name");
        check_line(at, name, kLabelCharactersMax, errors);
        check_line(at, value, kLabelCharactersMax, errors);
    }
}

void check_policies(const Policies& policies, std::vector<FieldError>& errors) {
    check_range("/dependency_timeout_seconds", policies.dependency_timeout_seconds, 1, kWeekSeconds,
                errors);
    check_range("/misfire/grace_seconds", policies.misfire_grace_seconds, 0, kYearSeconds, errors);
    check_range("/retry/max_attempts", policies.retry_max_attempts, 1, kAttemptsMax, errors);
    check_range("/retry/backoff_seconds", policies.retry_backoff_seconds, 0, kDaySeconds, errors);
    check_range("/retry/max_backoff_seconds", policies.retry_max_backoff_seconds, 0, kDaySeconds,
                errors);
}

void check_definition(const AppDefinition& definition, const TargetRules& targets,
                      std::vector<FieldError>& errors) {
    check_name("/name", definition.name, errors);
    check_note("/description", definition.description, errors);
    check_labels("/labels", definition.labels, errors);
    check_line("/environment", definition.environment, kNameCharactersMax, errors);
    check_line("/infrastructure/region", definition.infrastructure.region, kNameCharactersMax,
               errors);
    const auto& containers = definition.infrastructure.containers;
    check_count("/infrastructure/containers", containers.size(), kContainersMax, errors);
    for (std::size_t i = 0; i < containers.size(); ++i) {
        check_container("/infrastructure/containers/" + std::to_string(i), containers[i], errors);
    }
    std::size_t bytes = 0;
    for (const Container& container : containers) {
        bytes += container.name.size() + container.image.size();
        for (const auto& [name, value] : container.env) bytes += name.size() + value.size();
    }
    if (bytes > kImagesAndEnvBytesMax) {
        add(errors, "/infrastructure/containers",
            "has " + std::to_string(bytes) + " bytes of names, images and env in all; at most " +
                std::to_string(kImagesAndEnvBytesMax));
    }
    check_settings(definition.target, targets, errors);
}

void check_origin(const std::string& pointer, const std::string& origin,
                  std::vector<FieldError>& errors) {
    const std::size_t before = errors.size();
    check_line(pointer, origin, kSettingCharactersMax, errors);
    if (errors.size() > before) return;
    if (const auto flaw = flaw_of_url(origin)) return add(errors, pointer, *flaw);
    const auto path = origin.find_first_of("/?#", origin.find("://") + 3);
    if (path != std::string::npos && path + 1 != origin.size()) {
        add(errors, pointer, "has a path; scheme, host and port are all that counts");
    }
}

void check_header(const std::string& pointer, const std::string& name, const TargetRules& targets,
                  std::vector<FieldError>& errors) {
    check_length(pointer, name, kHeaderCharactersMax, errors);
    if (name.empty()) add(errors, pointer, "is empty; the name of a header is needed");
    if (!name.empty() && !is_token(name)) {
        add(errors, pointer, "has a character that no name of a header has");
    }
    static const std::set<std::string_view> kTaken = {"accept",
                                                      "connection",
                                                      "content-encoding",
                                                      "content-length",
                                                      "content-type",
                                                      "expect",
                                                      "host",
                                                      "keep-alive",
                                                      "te",
                                                      "trailer",
                                                      "traceparent",
                                                      "tracestate",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "user-agent",
                                                      "proxy-connection"};
    const std::string lower = lower_case(name);
    if (targets.sets_header(lower) || kTaken.contains(lower)) {
        add(errors, pointer, "is a header that is set already; use another");
    }
}

void check_username(const std::string& pointer, const std::string& name,
                    std::vector<FieldError>& errors) {
    check_line(pointer, name, kNameCharactersMax, errors);
    if (name.empty()) add(errors, pointer, "is empty; the user of basic authentication is needed");
    // RFC 7617: the colon ends it.
    if (name.find(':') != std::string::npos) add(errors, pointer, "has a colon");
}

void check_secret(const std::string& pointer, const std::string& secret, CredentialKind kind,
                  std::vector<FieldError>& errors) {
    if (secret.size() < kSecretBytesMin || secret.size() > kSecretBytesMax) {
        add(errors, pointer,
            "has not between " + std::to_string(kSecretBytesMin) + " and " +
                std::to_string(kSecretBytesMax) + " bytes");
    }
    if (has_control(secret)) add(errors, pointer, "has control characters, or ends with a newline");
    if (kind == CredentialKind::basic) return;
    const bool ascii = std::all_of(secret.begin(), secret.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii) add(errors, pointer, "has a character that no header can carry");
    if (secret.starts_with(' ') || secret.ends_with(' ')) {
        add(errors, pointer, "begins or ends with a space");
    }
}

}  // namespace slipway
