// Traces are what the process says about itself, for the people who run it: one line each on
// standard error. They are not the log: the log is the event log, always. Secrets never enter a
// trace. Safe from any thread.

#pragma once

#include <string_view>

namespace slipway {

enum class TraceLevel { debug, info, warning, error };

void trace(TraceLevel level, std::string_view text);

// Lines below `level` are dropped. The default is info.
void set_trace_level(TraceLevel level);

}  // namespace slipway
