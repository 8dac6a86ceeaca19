// Which installation a data directory is, and whether it is still where it was. The file knows its
// own place (its inode, the time of its birth, the machine): a copy or a restore is another file,
// and must not deploy what the original deploys too.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"

#include <filesystem>
#include <optional>
#include <string>

namespace slipway {

struct InstallationFile {
    InstallationId id;
    bool in_place = false;  // false: it was copied, or moved to another machine
    std::string key_check;  // of the server's key; empty in files of before
};

// Nothing if there is no such file, or only a part of it. Errors: io.
Result<std::optional<InstallationFile>> read_installation(const std::filesystem::path& file,
                                                          const std::string& machine);

// Errors: io.
Result<void> write_installation(const std::filesystem::path& file, InstallationId id,
                                const std::string& machine, const std::string& key_check);

// The id that the system gave this machine, or nothing where it has none (in most containers).
std::string machine_id();

}  // namespace slipway
