#include "eventlog/base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace slipway {

namespace {

namespace fs = std::filesystem;

constexpr mode_t kOwnerOnly = 0600;

Error failed(const fs::path& path, const std::string& what, int why) {
    return {ErrorCode::io, "file: " + path.string() + ": " + what + ": " + std::strerror(why)};
}

bool write_all(int handle, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(handle, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

// Nothing, or what was refused.
const char* refused_step(int handle, std::string_view bytes) {
    // Whatever the umask says.
    if (::fchmod(handle, kOwnerOnly) != 0) return "chmod";
    if (!write_all(handle, bytes)) return "write";
    if (::fsync(handle) != 0) return "sync";
    return nullptr;
}

Result<void> sync(const fs::path& path, int flags) {
    const int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
    const bool good = handle >= 0 && ::fsync(handle) == 0;
    const int why = errno;
    if (handle >= 0) ::close(handle);
    if (good) return {};
    return failed(path, "sync", why);
}

}  // namespace

Result<bool> is_there(const fs::path& path) {
    std::error_code error;
    if (fs::status(path, error).type() == fs::file_type::not_found) return false;
    if (!error) return true;
    return Error{ErrorCode::io, "file: " + path.string() + ": " + error.message()};
}

Result<std::string> read_file(const fs::path& file, std::size_t bytes_max) {
    const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (handle < 0 && errno == ENOENT) {
        return Error{ErrorCode::not_found, "file: " + file.string() + " is not there"};
    }
    if (handle < 0) return failed(file, "open", errno);
    std::string bytes;
    char part[4096];
    ssize_t count = 0;
    do {
        count = ::read(handle, part, sizeof part);
        if (count > 0) bytes.append(part, static_cast<std::size_t>(count));
    } while ((count > 0 && bytes.size() <= bytes_max) || (count < 0 && errno == EINTR));
    const int why = errno;
    ::close(handle);
    if (bytes.size() > bytes_max) {
        return Error{ErrorCode::invalid, "file: " + file.string() + ": more than " +
                                             std::to_string(bytes_max) + " bytes"};
    }
    if (count == 0) return bytes;
    return failed(file, "read", why);
}

Result<void> sync_directory(const fs::path& directory) {
    return sync(directory, O_DIRECTORY);
}

Result<void> sync_file(const fs::path& file) {
    return sync(file, O_NOFOLLOW);
}

Result<void> write_new_file(const fs::path& file, std::string_view bytes) {
    const int handle =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly);
    if (handle < 0) return failed(file, "create", errno);
    const char* const refused = refused_step(handle, bytes);
    const int why = errno;
    ::close(handle);
    if (refused == nullptr) return {};
    ::unlink(file.c_str());
    return failed(file, refused, why);
}

Result<void> replace_file(const fs::path& file, std::string_view bytes) {
    const fs::path fresh = file.string() + ".new";
    ::unlink(fresh.c_str());  // of a writer that was cut off
    if (auto written = write_new_file(fresh, bytes); !written) return written;
    if (std::rename(fresh.c_str(), file.c_str()) != 0) {
        const int why = errno;
        ::unlink(fresh.c_str());
        return failed(file, "rename", why);
    }
    return sync_directory(file.has_parent_path() ? file.parent_path() : fs::path{"."});
}

}  // namespace slipway
