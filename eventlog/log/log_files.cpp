#include "eventlog/log/log_files.h"

#include "eventlog/base/durable_file.h"
#include "eventlog/log/log_id_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace slipway {

namespace fs = std::filesystem;

namespace {

Error copy_error(const fs::path& path, const std::error_code& why) {
    return Error{ErrorCode::io, "log: copy of " + path.string() + ": " + why.message()};
}

enum class Links { of_tables, of_all };

Result<void> copy_one(const fs::path& from, const fs::path& to, Links links) {
    std::error_code error;
    if (links == Links::of_all || is_table(from)) {
        fs::create_hard_link(from, to, error);
        if (!error) return {};
    }
    fs::copy_file(from, to, error);
    // A file that a running server has just removed is none of the copy's.
    if (error && error != std::errc::no_such_file_or_directory) return copy_error(from, error);
    return {};
}

Result<void> copy_files(const fs::path& log, const fs::path& into, Links links) {
    std::error_code error;
    fs::create_directories(events_directory(into), error);
    if (error) return copy_error(into, error);
    auto anchored = copy_one(anchor_file(log), anchor_file(into), links);
    if (!anchored) return anchored;
    auto named = copy_one(log_id_file(log), log_id_file(into), links);
    if (!named) return named;
    std::vector<fs::path> files;
    for (fs::directory_iterator at{events_directory(log), error}, end; !error && at != end;
         at.increment(error)) {
        const fs::path name = at->path().filename();
        if (name != "LOCK" && name != "LOG" && name != "LOG.old") files.push_back(at->path());
    }
    if (error) return copy_error(events_directory(log), error);
    for (const auto& file : files) {
        auto copied = copy_one(file, events_directory(into) / file.filename(), links);
        if (!copied) return copied;
    }
    return {};
}

// " (pid 4711)", as the kernel's table of locks says it; nothing if it does not, as for a process
// of another container.
std::string holder_of(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return {};
    std::ifstream table{"/proc/locks"};
    std::string line;
    while (std::getline(table, line)) {
        // 1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF
        std::istringstream words{line};
        std::string number;
        std::string kind;
        std::string mode;
        std::string how;
        std::string place;
        long pid = 0;
        words >> number >> kind >> mode >> how >> pid >> place;
        const bool is_file = place.ends_with(":" + std::to_string(status.st_ino));
        if (kind == "FLOCK" && is_file && pid > 0) return " (pid " + std::to_string(pid) + ")";
    }
    return {};
}

Result<int> lock(const fs::path& log, int flags, int kind) {
    const fs::path file = log / "lock";
    const int handle = open(file.c_str(), flags | O_CLOEXEC, 0600);
    if (handle < 0) {
        return Error{ErrorCode::io, "log: " + file.string() + ": " + std::strerror(errno)};
    }
    if (flock(handle, kind | LOCK_NB) == 0) return handle;
    const int why = errno;
    close(handle);
    if (why == EWOULDBLOCK) {
        return Error{ErrorCode::unavailable,
                     "log: " + log.string() + " is in use by another process" + holder_of(file)};
    }
    return Error{ErrorCode::io, "log: " + file.string() + ": " + std::strerror(why)};
}

}  // namespace

Result<fs::path> log_at(const fs::path& place) {
    const fs::path inside = place / "log";
    const auto nested = is_there(inside);
    if (!nested) return nested.error();
    const fs::path& log = *nested ? inside : place;
    const auto there = is_there(events_directory(log));
    if (!there) return there.error();
    if (*there) return log;
    std::error_code error;
    const bool is_file = fs::is_regular_file(place, error);
    return Error{ErrorCode::not_found,
                 is_file ? "log: " + place.string() + " is a file; a data directory is accepted"
                         : "log: there is none at " + log.string()};
}

Result<int> lock_log(const fs::path& log) {
    return lock(log, O_RDWR | O_CREAT, LOCK_EX);
}

Result<int> lock_log_to_read(const fs::path& log) {
    const auto there = is_there(log / "lock");
    if (!there) return there.error();
    if (!*there) return -1;
    return lock(log, O_RDONLY, LOCK_SH);
}

Result<std::vector<fs::path>> places_of_open_database(const fs::path& log) {
    const fs::path current = current_file(log);
    auto manifest = read_file(current);
    if (!manifest) return manifest.error();
    manifest->erase(manifest->find_last_not_of('\n') + 1);
    return std::vector{current, events_directory(log) / *manifest};
}

Result<void> copy_log(const fs::path& log, const fs::path& into) {
    return copy_files(log, into, Links::of_tables);
}

Result<void> link_log(const fs::path& log, const fs::path& into) {
    return copy_files(log, into, Links::of_all);
}

std::uintmax_t bytes_to_open(const fs::path& log) {
    constexpr std::uintmax_t kNamesAndManifest = 1 << 20;
    std::uintmax_t bytes = kNamesAndManifest;
    std::error_code error;
    for (fs::directory_iterator at{events_directory(log), error}, end; !error && at != end;
         at.increment(error)) {
        std::error_code gone;
        const auto size = at->file_size(gone);
        if (!gone && at->path().extension() == ".log") bytes += size;
    }
    return bytes;
}

Result<fs::path> new_copy_directory(const fs::path& log) {
    std::error_code error;
    const fs::path beside = fs::absolute(log, error).parent_path();
    for (const fs::path& place : {beside, fs::temp_directory_path(error)}) {
        if (place.empty()) continue;
        std::string name = (place / ".slipway-copy-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) return fs::path{name};
    }
    return Error{ErrorCode::io,
                 std::string{"log: no room for a copy to prove: "} + std::strerror(errno)};
}

}  // namespace slipway
