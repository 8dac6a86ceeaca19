// The file `installation` says which installation a data directory is, and where its files were. A
// copy of the directory has other files: other inodes and times of birth, another machine, or a log
// that ends elsewhere. Such a copy must not deploy what the original deploys or has deployed.
//
// The file is replaced with each start and while the log grows. So a restore in place that compares
// sizes and times, as rsync does, replaces it too, and with that its inode.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/log/place_watch.h"
#include "server/process/high_water.h"

#include <filesystem>
#include <optional>
#include <string>

namespace slipway {

struct InstallationFile {
    InstallationId id;
    std::string key_check;         // of the server's key; empty in files of before
    std::optional<HighWater> end;  // of the log when the file was written; none in files of before
    bool in_place = false;         // false: it was copied, put back, or moved to another machine
};

// Where the file and what it speaks of are.
struct InstallationPlace {
    std::filesystem::path file;
    std::filesystem::path log;
    std::string machine;
};

// Nothing if there is no such file, or only a part of it. Errors: io.
Result<std::optional<InstallationFile>> read_installation(const InstallationPlace& place);

// Opening the log makes new files in it. Between `opening` and the `open` that follows, the file
// says nothing of these, so that a process that ends in between leaves no directory that looks like
// a copy.
enum class LogFiles { opening, open };

// Replaces the file durably, under its name in `places`. `in_place` is not read. Errors: io.
Result<void> write_installation(const InstallationPlace& place, const InstallationFile& content,
                                LogFiles files, PlaceWatch& places);

// The id that the system gave this machine, or nothing where it has none (in most containers).
std::string machine_id();

}  // namespace slipway
