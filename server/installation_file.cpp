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

// What a copy of the file cannot have.
std::optional<std::string> place_of(const std::filesystem::path& file) {
    struct statx about {};
    if (statx(AT_FDCWD, file.c_str(), 0, STATX_INO | STATX_BTIME, &about) != 0) return std::nullopt;
    return std::to_string(about.stx_ino) + "." + std::to_string(about.stx_btime.tv_sec) + "." +
           std::to_string(about.stx_btime.tv_nsec);
}

}  // namespace

Result<std::optional<InstallationFile>> read_installation(const std::filesystem::path& file,
                                                          const std::string& machine) {
    std::ifstream in{file};
    if (!in) return std::optional<InstallationFile>{};
    std::string id_text;
    std::string place;
    std::string machine_then;
    std::string key_check;
    in >> id_text >> place >> machine_then >> key_check;
    if (key_check.starts_with("key:")) key_check.erase(0, 4);
    const auto id = InstallationId::parse(id_text);
    // Cut off while it was written: as good as none, and the log is claimed anew.
    if (!id) return std::optional<InstallationFile>{};
    const auto here = place_of(file);
    if (!here) return failed(file, "stat");
    return std::optional{
        InstallationFile{*id, place == *here && machine_then == "machine:" + machine, key_check}};
}

Result<void> write_installation(const std::filesystem::path& file, InstallationId id,
                                const std::string& machine, const std::string& key_check) {
    // Written in place: the file that is renamed over another would not know its own inode.
    const int handle = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (handle < 0) return failed(file, "open");
    const auto place = place_of(file);
    const std::string text = id.text() + "\n" + place.value_or("") + "\nmachine:" + machine +
                             "\nkey:" + key_check + "\n";
    const bool good =
        place && write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
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
