// Keys in files of their own, that no other user of the machine can read: made complete and
// durable, or not at all; and destroyed. From one thread at a time.

#pragma once

#include "eventlog/base/result.h"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// Why a file of this mode cannot hold a secret; nothing if it can. Its owner and its group may have
// any right, since a group is how systemd and Kubernetes hand a secret to a service. Everybody else
// may have none.
std::optional<std::string> exposure_of(mode_t mode);

// Errors:
//   not_found  it is not there
//   invalid    it has not this many bytes, is no plain file, or is exposed
//   io         the system refused
Result<std::string> read_key_file(const std::filesystem::path& file, std::size_t bytes);

// Two processes that both make one end up with the same: one that is there already stays. Errors:
// io.
Result<void> write_key_file(const std::filesystem::path& file, std::string_view key);

// Writes over it and removes it, durably. It is no error if it is not there. Errors: io.
Result<void> destroy_key_file(const std::filesystem::path& file);

}  // namespace slipway
