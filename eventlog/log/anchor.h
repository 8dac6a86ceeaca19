// The anchor: the end of the log as it was known to be durable, in a small file beside the
// database. The database cannot tell that its own end was cut off; the anchor can. It may be
// behind, never ahead.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/log/keys.h"

#include <filesystem>

namespace slipway {

// Replaces the file: written, synced, renamed, directory synced. Errors: io.
Result<void> write_anchor(const std::filesystem::path& file, const Tail& tail);

// Errors: not_found, corruption, io.
Result<Tail> read_anchor(const std::filesystem::path& file);

}  // namespace slipway
