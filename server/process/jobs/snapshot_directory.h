// The snapshots of one data directory: files that are named for their position, the newest two of
// them, and perhaps one that is being made. From one thread at a time, but for newest_for().

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/log/log_reader.h"
#include "projections/snapshot.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace slipway {

// The second is for when the first cannot be read.
inline constexpr std::size_t kSnapshotsKept = 2;

class SnapshotDirectory {
  public:
    explicit SnapshotDirectory(std::filesystem::path path) : path_(std::move(path)) {}

    // The state of the newest snapshot that is good and fits `log`; an empty one if there is none.
    // What is not used is said in a trace.
    //
    // Errors: corruption (one is of this log, which was longer once, or was another).
    Result<std::unique_ptr<State>> newest_for(const LogReader& log) const;

    // Writes one that is found only once it is kept. Errors: io, and what `may_go_on` says.
    Result<void> write(const SnapshotHeader& header, const State& state,
                       const std::function<Result<void>()>& may_go_on) const;
    // What was written, as it is read. Errors: corruption, io.
    Result<std::unique_ptr<State>> read_back() const;
    // From here on it is the newest, and durable; old ones go. Errors: io.
    Result<void> keep(Position position) const;

    // Removes the one that is being made.
    void discard() const;
    // Removes all.
    void clear() const;

    // Of those that are kept, the newest first.
    std::vector<Position> positions() const;

  private:
    std::filesystem::path file_of(Position position) const;
    std::filesystem::path partial() const { return path_ / "partial"; }

    std::filesystem::path path_;
};

}  // namespace slipway
