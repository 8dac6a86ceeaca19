#include "server/process/installation_file.h"

#include "eventlog/base/durable_file.h"
#include "eventlog/log/log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace slipway {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOpening = "-";

Error failed(const fs::path& file, const std::string& what) {
    return Error{ErrorCode::io,
                 "installation: " + file.string() + ": " + what + ": " + std::strerror(errno)};
}

// Inode and time of birth, which a copy of the file or directory cannot have. Of `handle` itself
// where the path is empty.
std::optional<std::string> place_of(int handle, const fs::path& path) {
    struct statx about {};
    const int flags = path.empty() ? AT_EMPTY_PATH : 0;
    if (statx(handle, path.c_str(), flags, STATX_INO | STATX_BTIME, &about) != 0) {
        return std::nullopt;
    }
    return std::to_string(about.stx_ino) + "." + std::to_string(about.stx_btime.tv_sec) + "." +
           std::to_string(about.stx_btime.tv_nsec);
}

std::optional<std::string> place_of(const fs::path& path) {
    return place_of(AT_FDCWD, path);
}

// Of the files that opening the log made. A restore that overwrites files in place, and so keeps
// the inodes of those that have the same name, cannot keep these: each opening gives them new
// names or new inodes.
Result<std::string> place_of_database(const fs::path& log) {
    const auto files = places_of_open_database(log);
    if (!files) return files.error();
    std::string text;
    for (const auto& file : *files) {
        const auto place = place_of(file);
        if (!place) return failed(file, "stat");
        text += (text.empty() ? "" : "/") + *place;
    }
    return text;
}

// The lines of the file, in this order. Those after the fifth are missing in files of before.
struct Lines {
    std::string id;
    std::string place;
    std::string machine;
    std::string key_check;
    std::string log;
    std::string database;
    std::string end;
};

std::string after(const std::string& label, const std::string& line) {
    return line.starts_with(label) ? line.substr(label.size()) : std::string{};
}

Lines lines_of(const std::string& text) {
    std::istringstream in{text};
    std::array<std::string, 7> all;
    for (auto& line : all) std::getline(in, line);
    return {all[0],
            all[1],
            after("machine:", all[2]),
            after("key:", all[3]),
            after("log:", all[4]),
            after("database:", all[5]),
            after("end:", all[6])};
}

std::string text_of(const Lines& lines) {
    return lines.id + "\n" + lines.place + "\nmachine:" + lines.machine +
           "\nkey:" + lines.key_check + "\nlog:" + lines.log + "\ndatabase:" + lines.database +
           "\nend:" + lines.end + "\n";
}

Result<Lines> lines_for(const InstallationPlace& place, const InstallationFile& content,
                        LogFiles files) {
    Lines lines;
    lines.id = content.id.text();
    lines.machine = place.machine;
    lines.key_check = content.key_check;
    const auto log = place_of(place.log);
    if (!log) return failed(place.log, "stat");
    lines.log = *log;
    lines.database = kOpening;
    if (files == LogFiles::open) {
        auto database = place_of_database(place.log);
        if (!database) return database.error();
        lines.database = std::move(*database);
    }
    if (content.end) lines.end = text_of(*content.end);
    return lines;
}

// A renamed file keeps its inode, so that it can say where it is.
Result<void> write_fresh(const fs::path& fresh, Lines lines) {
    ::unlink(fresh.c_str());  // of a writer that was cut off
    const int handle = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (handle < 0) return failed(fresh, "open");
    const auto here = place_of(handle, {});
    lines.place = here.value_or("");
    const std::string text = text_of(lines);
    const bool good =
        here && write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        fsync(handle) == 0;
    const Result<void> result = good ? Result<void>{} : failed(fresh, "write");
    close(handle);
    if (!good) ::unlink(fresh.c_str());
    return result;
}

}  // namespace

Result<std::optional<InstallationFile>> read_installation(const InstallationPlace& place) {
    const auto text = read_file(place.file);
    if (!text && text.error().code == ErrorCode::not_found) {
        return std::optional<InstallationFile>{};
    }
    if (!text) return text.error();
    const Lines lines = lines_of(*text);
    const auto id = InstallationId::parse(lines.id);
    // Cut off while it was written: as good as none, and the log is claimed anew.
    if (!id) return std::optional<InstallationFile>{};
    const auto here = place_of(place.file);
    if (!here) return failed(place.file, "stat");
    const auto log = place_of(place.log);
    if (!log) return failed(place.log, "stat");
    const auto database = place_of_database(place.log);
    if (!database) return database.error();
    const bool same_database =
        lines.database.empty() || lines.database == kOpening || lines.database == *database;
    const bool in_place = lines.place == *here && lines.log == *log &&
                          lines.machine == place.machine && same_database;
    return std::optional{
        InstallationFile{*id, lines.key_check, parse_high_water(lines.end), in_place}};
}

Result<void> write_installation(const InstallationPlace& place, const InstallationFile& content,
                                LogFiles files, PlaceWatch& places) {
    auto lines = lines_for(place, content, files);
    if (!lines) return lines.error();
    const fs::path fresh = place.file.string() + ".new";
    if (auto written = write_fresh(fresh, std::move(*lines)); !written) return written;
    if (auto replaced = places.replace(fresh, place.file); !replaced) return replaced;
    return sync_directory(place.file.parent_path());
}

std::string machine_id() {
    std::ifstream in{"/etc/machine-id"};
    std::string id;
    in >> id;
    return id;
}

}  // namespace slipway
