#include "server/process/jobs/snapshot_directory.h"

#include "eventlog/base/durable_file.h"
#include "eventlog/base/trace.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace slipway {

namespace {

namespace fs = std::filesystem;

// Nothing if it is none of ours.
std::optional<Position> position_of(const fs::path& file) {
    const std::string name = file.filename().string();
    Position position;
    const auto end = std::from_chars(name.data(), name.data() + name.size(), position.value);
    const bool is_number = end.ec == std::errc{} && end.ptr == name.data() + name.size();
    if (!is_number || std::to_string(position.value) != name) return std::nullopt;
    return position;
}

struct Found {
    SnapshotHeader header;
    std::ifstream in;
};

Result<Found> open_snapshot(const fs::path& file) {
    Found found;
    found.in.open(file, std::ios::binary);
    if (!found.in) return Error{ErrorCode::io, "snapshot: it cannot be opened"};
    auto header = read_snapshot_header(found.in);
    if (!header) return header.error();
    found.header = std::move(*header);
    return found;
}

Error refused(const fs::path& file, const std::string& what) {
    return Error{ErrorCode::corruption,
                 "log: " + what +
                     "; restore from a dump, or from a copy of the directory; if the log is what "
                     "it should be, remove " +
                     file.parent_path().string()};
}

// As far as a snapshot of this log can be believed, it tells what was durable.
Result<void> check_log(const LogReader& log, const SnapshotHeader& header, const fs::path& file) {
    const std::string position = std::to_string(header.position.value);
    const Position end = log.durable();
    if (header.position > end) {
        return refused(
            file, "it ends at position " + std::to_string(end.value) + "; it was durable up to " +
                      position + ", of which there is a snapshot, so that " +
                      std::to_string(end.value + 1) + " to " + position + " are missing");
    }
    const auto digest = log.digest_at(header.position);
    if (!digest && digest.error().code == ErrorCode::io) return digest.error();
    if (!digest) return refused(file, digest.error().message);
    if (*digest == header.digest) return {};
    return refused(file, "position " + position + " is not what its snapshot says");
}

Result<std::unique_ptr<State>> read_for(const LogReader& log, Found& found) {
    if (found.header.log_id != log.log_id()) {
        return Error{ErrorCode::invalid, "snapshot: it is another log's"};
    }
    if (found.header.finished_trees_kept != kFinishedTreesKept) {
        return Error{ErrorCode::invalid, "snapshot: it has another number of finished trees"};
    }
    return read_snapshot_state(found.in, found.header);
}

}  // namespace

Result<std::unique_ptr<State>> SnapshotDirectory::newest_for(const LogReader& log) const {
    const auto kept = positions();
    for (const Position position : kept) {
        const auto found = open_snapshot(file_of(position));
        if (!found || found->header.log_id != log.log_id()) continue;
        auto good = check_log(log, found->header, file_of(position));
        if (!good) return good.error();
    }
    for (const Position position : kept) {
        auto found = open_snapshot(file_of(position));
        auto state = found ? read_for(log, *found) : found.error();
        if (state) return state;
        trace(TraceLevel::warning,
              file_of(position).string() + " is not used: " + state.error().message);
    }
    return std::make_unique<State>();
}

Result<void> SnapshotDirectory::write(const SnapshotHeader& header, const State& state,
                                      const std::function<Result<void>()>& may_go_on) const {
    std::error_code error;
    fs::create_directories(path_, error);
    if (!error) fs::permissions(path_, fs::perms::owner_all, error);
    if (error) return Error{ErrorCode::io, "snapshot: " + path_.string() + ": " + error.message()};
    if (auto synced = sync_directory(fs::absolute(path_).parent_path()); !synced) return synced;
    return write_snapshot(partial(), header, state, may_go_on);
}

Result<std::unique_ptr<State>> SnapshotDirectory::read_back() const {
    auto found = open_snapshot(partial());
    if (!found) return found.error();
    return read_snapshot_state(found->in, found->header);
}

Result<void> SnapshotDirectory::keep(Position position) const {
    std::error_code error;
    fs::rename(partial(), file_of(position), error);
    if (error) return Error{ErrorCode::io, "snapshot: " + path_.string() + ": " + error.message()};
    if (auto synced = sync_directory(path_); !synced) return synced;
    std::size_t kept = 0;
    for (const Position other : positions()) {
        // What is farther on is another log's.
        if (other > position || kept == kSnapshotsKept) {
            fs::remove(file_of(other), error);
        } else {
            ++kept;
        }
    }
    return {};
}

void SnapshotDirectory::discard() const {
    std::error_code error;
    fs::remove(partial(), error);
}

void SnapshotDirectory::clear() const {
    std::error_code error;
    for (const Position position : positions()) fs::remove(file_of(position), error);
    discard();
    if (const auto synced = sync_directory(path_); !synced) {
        trace(TraceLevel::error, synced.error().message);
    }
}

std::vector<Position> SnapshotDirectory::positions() const {
    std::vector<Position> found;
    std::error_code error;
    for (fs::directory_iterator at{path_, error}, end; !error && at != end; at.increment(error)) {
        if (const auto position = position_of(at->path())) found.push_back(*position);
    }
    std::sort(found.rbegin(), found.rend());
    return found;
}

fs::path SnapshotDirectory::file_of(Position position) const {
    return path_ / std::to_string(position.value);
}

}  // namespace slipway
