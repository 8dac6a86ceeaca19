// What texts and definitions may be, checked field by field: each bad one is added to `errors` with
// its pointer, what was found and what is accepted.

#pragma once

#include "eventlog/events/event.h"
#include "server/domain/rejection.h"
#include "server/domain/target_rules.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

inline constexpr std::size_t kNameCharactersMax = 200;
inline constexpr std::size_t kNoteCharactersMax = 2'000;
inline constexpr std::size_t kLabelsMax = 32;
inline constexpr std::size_t kLabelCharactersMax = 200;

void check_name(const std::string& pointer, const std::string& name,
                std::vector<FieldError>& errors);
void check_note(const std::string& pointer, const std::string& note,
                std::vector<FieldError>& errors);
void check_labels(const std::string& pointer, const Labels& labels,
                  std::vector<FieldError>& errors);
void check_policies(const Policies& policies, std::vector<FieldError>& errors);
void check_definition(const AppDefinition& definition, const TargetRules& targets,
                      std::vector<FieldError>& errors);

// ---- Credentials

// Scheme, host and port, and no more.
void check_origin(const std::string& pointer, const std::string& origin,
                  std::vector<FieldError>& errors);
// A header that a request to a target may carry: none that we set ourselves, or that frames it.
void check_header(const std::string& pointer, const std::string& name, const TargetRules& targets,
                  std::vector<FieldError>& errors);
void check_username(const std::string& pointer, const std::string& name,
                    std::vector<FieldError>& errors);
// No error tells any of it.
void check_secret(const std::string& pointer, const std::string& secret, CredentialKind kind,
                  std::vector<FieldError>& errors);

}  // namespace slipway
