// Small files that are there as a whole, also after a power cut, or not at all: a name counts once
// its directory was synced, and bytes once the file was.

#pragma once

#include "eventlog/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace slipway {

// Whether something is at `path`, behind its links. Errors: io, such as a directory on the way that
// may not be searched.
Result<bool> is_there(const std::filesystem::path& path);

// All that is in `file`. A stream would throw where the disk fails.
// Errors: not_found, invalid (more than `bytes_max`), io.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t bytes_max = SIZE_MAX);

// Makes durable which names are in `directory`. Errors: io.
Result<void> sync_directory(const std::filesystem::path& directory);

// Makes durable what was written into `file`, by whomever. Errors: io.
Result<void> sync_file(const std::filesystem::path& file);

// Makes `file`, which nobody but its owner can read, and syncs it; its name is not durable yet.
// What could not be written as a whole is not there. Requires: nothing has that name. Errors: io.
Result<void> write_new_file(const std::filesystem::path& file, std::string_view bytes);

// Puts `bytes` in the place of what `file` was, if it was: either the one or the other is there,
// whatever happens. Not for two at the same file at a time. Errors: io.
Result<void> replace_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace slipway
