// The table of the kinds of targets: the one place that lists them. A kind is added by its room, a
// row in kinds.cpp, an enumerator with its spelling (eventlog/events/vocabulary.h) and its schema
// in server/api/openapi.yaml.

#pragma once

#include "server/targets/executor.h"

namespace slipway {

// Thread-safe.
const Kinds& target_kinds();

}  // namespace slipway
