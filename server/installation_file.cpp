#include "server/installation_file.h"

#include "eventlog/base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace slipway {

namespace {

Error failed(const std::filesystem::path& file, const std::string& what) {
    return Error{ErrorCode::io,
                 "installation: " + file.string() + ": " + what + ": " + std::strerror(errno)};
}

// What a copy of the file or directory cannot have.
std::optional<std::string> place_of(const std::filesystem::path& path) {
    struct statx about {};
    if (statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &about) != 0) return std::nullopt;
    return std::to_string(about.stx_ino) + "." + std::to_string(about.stx_btime.tv_sec) + "." +
           std::to_string(about.stx_btime.tv_nsec);
}

}  // namespace

Result<std::optional<InstallationFile>> read_installation(const std::filesystem::path& file,
                                                          const std::filesystem::path& log,
                                                          const std::string& machine) {
    const auto text = read_file(file);
    if (!text && text.error().code == ErrorCode::not_found) {
        return std::optional<InstallationFile>{};
    }
    if (!text) return text.error();
    std::istringstream in{*text};
    std::string id_text;
    std::string place;
    std::string machine_then;
    std::string key_check;
    std::string log_place;
    in >> id_text >> place >> machine_then >> key_check >> log_place;
    if (key_check.starts_with("key:")) key_check.erase(0, 4);
    const auto id = InstallationId::parse(id_text);
    // Cut off while it was written: as good as none, and the log is claimed anew.
    if (!id) return std::optional<InstallationFile>{};
    const auto here = place_of(file);
    if (!here) return failed(file, "stat");
    const auto log_here = place_of(log);
    if (!log_here) return failed(log, "stat");
    const bool in_place =
        place == *here && log_place == "log:" + *log_here && machine_then == "machine:" + machine;
    return std::optional{InstallationFile{*id, in_place, key_check}};
}

Result<void> write_installation(const std::filesystem::path& file, const std::filesystem::path& log,
                                InstallationId id, const std::string& machine,
                                const std::string& key_check) {
    // Written in place: the file that is renamed over another would not know its own inode.
    const int handle = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (handle < 0) return failed(file, "open");
    const auto place = place_of(file);
    const auto log_place = place_of(log);
    const std::string text = id.text() + "\n" + place.value_or("") + "\nmachine:" + machine +
                             "\nkey:" + key_check + "\nlog:" + log_place.value_or("") + "\n";
    const bool good =
        place && log_place &&
        write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ftruncate(handle, static_cast<off_t>(text.size())) == 0 && fsync(handle) == 0;
    const Result<void> result = good ? Result<void>{} : failed(file, "write");
    close(handle);
    if (!result) return result;
    return sync_directory(file.parent_path());
}

std::string machine_id() {
    std::ifstream in{"/etc/machine-id"};
    std::string id;
    in >> id;
    return id;
}

}  // namespace slipway
