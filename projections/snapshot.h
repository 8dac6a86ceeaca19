// A snapshot is a file with the state at one position of one log, so that a start need not replay
// all that came before. It is worth nothing without its log: what does not fit, in whatever way, is
// thrown away, and the log is replayed.
//
//   magic │ chunk: header │ chunk: a piece of the state │ … │ chunk: nothing
//
// A chunk is its number (4 bytes), the length of what it holds (4), the CRC-32C of both and of what
// it holds (4), and that. The pieces are those of state_parts.h.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/base/digest.h"
#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/base/strong.h"
#include "projections/state.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <istream>
#include <memory>
#include <string>

namespace slipway {

// Counts up with every change of what a state is made of, of how it is written, and of what an
// event does to it: a snapshot that another fold has made is not the state.
inline constexpr std::uint32_t kSnapshotFormat = 8;

struct SnapshotHeader {
    Uuid log_id;
    Position position;
    Digest digest{};  // of the log as of there
    std::uint64_t finished_trees_kept = kFinishedTreesKept;
    std::string fingerprint;

    friend bool operator==(const SnapshotHeader&, const SnapshotHeader&) = default;
};
BOOST_DESCRIBE_STRUCT(SnapshotHeader, (),
                      (log_id, position, digest, finished_trees_kept, fingerprint))

// Writes `file`, which only its owner can read, and syncs it; its name is not durable yet.
// `may_go_on` is asked after each kSnapshotBytesPerLook.
//
// Errors: io, and what `may_go_on` says.
Result<void> write_snapshot(const std::filesystem::path& file, const SnapshotHeader& header,
                            const State& state, const std::function<Result<void>()>& may_go_on);

inline constexpr std::uint64_t kSnapshotBytesPerLook = 16 * 1024 * 1024;

// What a file says of itself. Errors: invalid (of another format), corruption.
Result<SnapshotHeader> read_snapshot_header(std::istream& in);

// The state of which `header` was read from `in`; it has that fingerprint. Errors: corruption.
Result<std::unique_ptr<State>> read_snapshot_state(std::istream& in, const SnapshotHeader& header);

}  // namespace slipway
