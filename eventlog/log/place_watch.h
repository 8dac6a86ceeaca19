// PlaceWatch notices that a file or directory is no longer under the name by which it was opened:
// moved, removed, replaced by a copy, or unmounted. Writes to an open descriptor still succeed
// then, but the next start would not find them. Safe from any thread.

#pragma once

#include "eventlog/base/result.h"

#include <sys/types.h>

#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

namespace slipway {

// Tells one file from another on one machine, for as long as somebody has it open.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// The file or directory that is at `path` now. Nothing if there is none, or it cannot be reached.
std::optional<FileIdentity> identity_at(const std::filesystem::path& path);

class PlaceWatch {
  public:
    PlaceWatch() = default;
    PlaceWatch(const PlaceWatch&) = delete;
    PlaceWatch& operator=(const PlaceWatch&) = delete;
    ~PlaceWatch();

    // Watches what is at `path` now, also if another was watched there. Keeps it open, so that its
    // inode is given to no other file. Errors: io.
    Result<void> add(const std::filesystem::path& path);

    // Renames `fresh` to `path` and watches it there. For check() this is one step. Errors: io;
    // then what was at `path` is there and is watched still.
    Result<void> replace(const std::filesystem::path& fresh, const std::filesystem::path& path);

    // Looks at each path, about a microsecond for one. Errors: io, which names the first path where
    // something else is, or nothing.
    Result<void> check() const;

  private:
    struct Place {
        std::filesystem::path path;
        FileIdentity identity;
        int handle = -1;
    };

    static Result<Place> opened(const std::filesystem::path& path);
    void keep(Place place);

    mutable std::mutex mutex_;
    std::vector<Place> places_;
};

}  // namespace slipway
