// The id of a log, in a small file beside the database. The database holds it too, so that no
// single file that is damaged takes the id away: without it nothing of the log could be proved.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"

#include <filesystem>

namespace slipway {

inline std::filesystem::path log_id_file(const std::filesystem::path& log) {
    return log / "id";
}

// Replaces the file. Errors: io.
Result<void> write_log_id(const std::filesystem::path& file, Uuid log_id);

// Errors: not_found, corruption, io.
Result<Uuid> read_log_id(const std::filesystem::path& file);

}  // namespace slipway
