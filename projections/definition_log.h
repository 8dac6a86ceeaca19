// Definitions of apps that are not in memory any more, read from the log: old versions, and those
// of archived apps.

#pragma once

#include "eventlog/log/event_log.h"
#include "projections/apps.h"

namespace slipway {

// The definition that came with `version` of the app. Reads one record.
//
// Errors: not_found (no definition came with it), unavailable (it is not durable yet), corruption,
// io.
Result<AppDefinition> definition_in(const EventLog& log, AppId app, Version version);

// The newest definition of the app, from memory if it is there. Errors: as above.
Result<AppDefinition> newest_definition(const EventLog& log, const App& app);

}  // namespace slipway
