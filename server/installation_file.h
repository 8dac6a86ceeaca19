// Which installation a data directory is, and whether it is still where it was. The file knows its
// own place and that of the log's directory (inode, time of birth), and the machine: a copy is
// another file, and a log that was put back another directory; neither must deploy what was
// deployed already, or is deployed elsewhere.

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
                                                          const std::filesystem::path& log,
                                                          const std::string& machine);

// Errors: io.
Result<void> write_installation(const std::filesystem::path& file, const std::filesystem::path& log,
                                InstallationId id, const std::string& machine,
                                const std::string& key_check);

// The id that the system gave this machine, or nothing where it has none (in most containers).
std::string machine_id();

}  // namespace slipway
