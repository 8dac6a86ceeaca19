#include "server/process/jobs/log_backups.h"

#include "eventlog/base/digest.h"
#include "eventlog/base/durable_file.h"
#include "eventlog/base/trace.h"
#include "eventlog/log/disk_room.h"
#include "eventlog/log/log_directory.h"
#include "projections/replay.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace slipway {

namespace {

namespace fs = std::filesystem;

// Read and proven in one go; after each there is a look at the disk.
constexpr std::uint64_t kRecordsAtOnce = 200;
// Appended before it is made durable: well below what the log lets wait.
constexpr std::size_t kUnsyncedBytesMax = 4 << 20;
constexpr std::string_view kPartial = ".partial";
// In what is not done yet: says whose it is.
constexpr std::string_view kOwnerFile = "unfinished_backup_of";

void flush_all(EventLog& log) {
    // Each flush takes a group of what waits.
    while (log.waiting().units > 0) log.flush();
}

// 20270210T080000Z-4711: in the order of time, and never twice.
std::string name_for(Instant now, Position end) {
    std::string name = to_text(date::floor<Seconds>(now));
    std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
    return name + "-" + std::to_string(end.value);
}

Result<void> append_records(const EventLog& from, Position first, Position last, EventLog& to) {
    const auto append = [&](const RecordedEvent& recorded, const Record& record) -> Result<bool> {
        const Envelope& envelope = recorded.envelope;
        const auto position = to.append({{envelope.stream, envelope.stream_version,
                                          envelope.team.uuid, std::string{record.payload}}});
        if (!position) return position.error();
        if (to.waiting().bytes > kUnsyncedBytesMax) flush_all(to);
        return true;
    };
    return replay(from, first, last, append);
}

Result<void> check_room(const fs::path& directory, std::uintmax_t reserve) {
    const auto free_bytes = free_bytes_at(directory);
    if (!free_bytes) {
        return Error{ErrorCode::io,
                     "backup: " + directory.string() + ": " + free_bytes.error().message};
    }
    if (has_room_for_backup(*free_bytes, reserve, 2 * kUnsyncedBytesMax)) return {};
    return Error{ErrorCode::unavailable,
                 "backup: " + directory.string() + ": the disk is nearly full"};
}

// The digest as of `end`.
Result<std::string> copy_records(const EventLog& from, Position end, const fs::path& into,
                                 const Clock& clock, std::uintmax_t reserve,
                                 const std::stop_token& stop) {
    if (auto made = create_log(into, from.log_id()); !made) return made.error();
    auto to = open_log(into, clock);
    if (!to) return to.error();
    for (std::uint64_t first = 1; first <= end.value; first += kRecordsAtOnce) {
        if (stop.stop_requested()) return Error{ErrorCode::unavailable, "the server stopped"};
        if (auto room = check_room(into, reserve); !room) return room.error();
        const Position last{std::min(first + kRecordsAtOnce - 1, end.value)};
        if (auto done = append_records(from, Position{first}, last, **to); !done) {
            return done.error();
        }
    }
    flush_all(**to);
    if (auto closed = (*to)->close(); !closed) return closed.error();
    const auto digest = (*to)->digest_at(end);
    const auto expected = from.digest_at(end);
    if (!digest) return digest.error();
    if (!expected) return expected.error();
    if (*digest != *expected) {
        return Error{ErrorCode::corruption, "log: the copy is not what was copied"};
    }
    return hex_of(bytes_of(*digest));
}

// Its name, too, is durable. One that is there keeps its mode.
Result<void> make_directory(const fs::path& directory) {
    std::error_code error;
    const bool is_new = fs::create_directories(directory, error);
    if (!error && is_new) fs::permissions(directory, fs::perms::owner_all, error);
    if (error)
        return Error{ErrorCode::io, "backup: " + directory.string() + ": " + error.message()};
    return sync_directory(fs::absolute(directory).parent_path());
}

std::string ending_of(const LogBackups::Options& options) {
    return "." + options.owner + std::string{kPartial};
}

Result<fs::path> make_partial(const LogBackups::Options& options, const std::string& name) {
    fs::path partial = options.directory / (name + ending_of(options));
    if (auto made = make_directory(options.directory); !made) return made.error();
    if (auto made = make_directory(partial); !made) return made.error();
    if (auto marked = write_new_file(partial / kOwnerFile, options.owner); !marked) {
        return marked.error();
    }
    return partial;
}

// Name and content must both say so: a name alone may be anybody's.
bool is_left_by(const LogBackups::Options& options, const fs::path& path) {
    std::error_code error;
    if (!path.filename().string().ends_with(ending_of(options))) return false;
    if (!fs::is_directory(fs::symlink_status(path, error))) return false;
    const auto owner = read_file(path / kOwnerFile);
    return owner ? *owner == options.owner : fs::is_empty(path, error);
}

// One that is whole: the process ended before it took the mark away.
bool is_marked_still(const LogBackups::Options& options, const fs::path& path) {
    std::error_code error;
    if (path.filename().string().ends_with(kPartial)) return false;
    if (!fs::is_directory(fs::symlink_status(path, error))) return false;
    const auto owner = read_file(path / kOwnerFile);
    return owner && *owner == options.owner;
}

// It has its name once it is whole and durable.
Result<std::string> back_up(const EventLog& log, Position end, const LogBackups::Options& options,
                            const std::string& name, const Clock& clock,
                            const std::stop_token& stop) {
    const fs::path& directory = options.directory;
    const auto made = make_partial(options, name);
    if (!made) return made.error();
    const fs::path& partial = *made;
    auto digest = copy_records(log, end, partial / "log", clock, options.disk_reserve_bytes, stop);
    std::error_code error;
    if (digest) {
        // The mark goes last: without it nobody would know whose an unfinished copy is.
        fs::rename(partial, directory / name, error);
        if (error) {
            digest = Error{ErrorCode::io, "backup: " + partial.string() + ": " + error.message()};
        } else if (auto synced = sync_directory(directory); !synced) {
            digest = synced.error();
        } else {
            fs::remove(directory / name / kOwnerFile, error);
        }
    }
    if (!digest) fs::remove_all(partial, error);
    return digest;
}

std::string without(std::string text, const std::string& path) {
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) {
        text.replace(at, path.size(), "…");
    }
    return text;
}

}  // namespace

LogBackups::LogBackups(const EventLog& log, const Clock& clock, Options options, Post post)
    : log_(log), clock_(clock), options_(std::move(options)), post_(std::move(post)) {
    std::error_code error;
    std::vector<fs::path> left;
    for (fs::directory_iterator at{options_.directory, error}, end; !error && at != end;
         at.increment(error)) {
        if (is_left_by(options_, at->path())) left.push_back(at->path());
        if (is_marked_still(options_, at->path())) left.push_back(at->path() / kOwnerFile);
    }
    for (const auto& path : left) fs::remove_all(path, error);
}

void LogBackups::announce(Position end) {
    Last last;
    last.started_at = clock_.now();
    last.name = name_for(last.started_at, end);
    last.position = end;
    last_ = last;
}

void LogBackups::start() {
    job_.start([this, end = last_->position, name = last_->name](const std::stop_token& stop) {
        auto digest = back_up(log_, end, options_, name, clock_, stop);
        return [this, digest = std::move(digest)] { post_([this, digest] { ended(digest); }); };
    });
}

void LogBackups::ended(const Result<std::string>& digest) {
    last_->ended_at = clock_.now();
    if (digest) {
        last_->progress = Progress::done;
        last_->digest = *digest;
        trace(TraceLevel::info, "backup " + last_->name + " is done");
    } else {
        last_->progress = Progress::failed;
        last_->failure = without(digest.error().message, options_.directory.string());
        trace(TraceLevel::error, "backup " + last_->name + " failed: " + digest.error().message);
    }
}

}  // namespace slipway
