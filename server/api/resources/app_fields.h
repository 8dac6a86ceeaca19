// The definition of an app, out of JSON.

#pragma once

#include "eventlog/events/event.h"
#include "server/api/json.h"
#include "server/targets/kinds.h"

#include <string>
#include <vector>

namespace slipway {

// A target has the settings that its kind in `kinds` describes.
AppDefinition read_definition(const Json& json, const Kinds& kinds,
                              std::vector<FieldError>& errors);

// A clone takes over neither the name nor the credential: who wants that names it.
enum class PatchOf { app, clone };

// `definition` with `patch` laid over it (JSON Merge Patch, RFC 7396).
AppDefinition patched_definition(const AppDefinition& definition, const Json& patch, PatchOf of,
                                 const Kinds& kinds, std::vector<FieldError>& errors);

// `filter` is name or name=value.
bool has_label(const Labels& labels, const std::string& filter);

}  // namespace slipway
