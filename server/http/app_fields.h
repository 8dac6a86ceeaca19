// The definition of an app, out of JSON.

#pragma once

#include "eventlog/events/event.h"
#include "server/http/json.h"

#include <string>
#include <vector>

namespace slipway {

AppDefinition read_definition(const Json& json, std::vector<FieldError>& errors);

enum class NameWhenAbsent { kept, none };

// `definition` with `patch` laid over it (JSON Merge Patch, RFC 7396).
AppDefinition patched_definition(const AppDefinition& definition, const Json& patch,
                                 NameWhenAbsent name, std::vector<FieldError>& errors);

// `filter` is name or name=value.
bool has_label(const Labels& labels, const std::string& filter);

}  // namespace slipway
