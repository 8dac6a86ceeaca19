// A log in a directory of the file system, on LevelDB: how it is made, locked, copied and opened.
// The files are those of log_files.h.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/result.h"
#include "eventlog/log/event_log.h"
#include "eventlog/log/log_place.h"
#include "eventlog/log/log_reader.h"

#include <filesystem>
#include <memory>

namespace slipway {

// Makes an empty log at `directory`. Errors: invalid (something is there), io.
Result<void> create_log(const std::filesystem::path& directory, Uuid log_id);

// Locks the log at `directory`, to prove and open it (log_proof.h). No other process has it as long
// as what this returns lives.
// Errors: not_found (no log there), unavailable (another process has it), io.
Result<std::unique_ptr<LogPlace>> lock_place(const std::filesystem::path& directory);

// Proves all of the log at `directory`, shows each record to `visit` if there is one, and opens the
// log. A refusal has changed nothing, and says which position is wrong and what to do.
// Errors: those of lock_place(), LogProof and `visit`.
Result<std::unique_ptr<EventLog>> open_log(const std::filesystem::path& directory,
                                           const Clock& clock,
                                           const EventLog::Options& options = {},
                                           const LogReader::Visitor& visit = {});

// Opens a copy of the log at `directory`, to look at a log without touching it, also one that a
// server is writing. It ends at what was durable when it was copied, and nothing of it is proven.
// Errors: not_found, corruption, io.
Result<std::unique_ptr<LogReader>> open_log_copy(const std::filesystem::path& directory);

}  // namespace slipway
