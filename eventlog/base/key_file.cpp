#include "eventlog/base/key_file.h"

#include "eventlog/base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace slipway {

namespace {

namespace fs = std::filesystem;

class Descriptor {
  public:
    Descriptor(const fs::path& path, int flags)
        : handle_(::open(path.c_str(), flags | O_CLOEXEC)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (handle_ >= 0) ::close(handle_);
    }
    int handle() const { return handle_; }

  private:
    int handle_;
};

Error failed(const fs::path& file, const std::string& what) {
    return {ErrorCode::io, "secrets: " + file.string() + ": " + what + ": " + std::strerror(errno)};
}

Error refused(const fs::path& file, const std::string& why) {
    return {ErrorCode::invalid, "secrets: " + file.string() + ": " + why};
}

std::string octal_of(mode_t mode) {
    std::string text = "0000";
    for (std::size_t i = text.size(); i-- > 0; mode >>= 3) {
        text[i] = static_cast<char>('0' + (mode & 7U));
    }
    return text;
}

Result<void> check_file(const fs::path& file, const struct stat& status, std::size_t bytes) {
    if (!S_ISREG(status.st_mode)) return refused(file, "is no plain file");
    if (const auto exposed = exposure_of(status.st_mode)) return refused(file, *exposed);
    if (status.st_size != static_cast<off_t>(bytes)) {
        return refused(file, "has " + std::to_string(status.st_size) + " bytes, expected " +
                                 std::to_string(bytes) + ": restore it");
    }
    return {};
}

}  // namespace

std::optional<std::string> exposure_of(mode_t mode) {
    if ((mode & S_IRWXO) == 0) return std::nullopt;
    return "every user of this machine has rights to it (mode " + octal_of(mode & 07777U) +
           "): chmod 600 it, and replace the key if somebody may have read it";
}

Result<std::string> read_key_file(const fs::path& file, std::size_t bytes) {
    // A FIFO in its place must not hold the start up.
    const Descriptor from{file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK};
    if (from.handle() < 0 && errno == ENOENT) {
        return Error{ErrorCode::not_found,
                     "secrets: " + file.string() + " is not there: restore it from a backup"};
    }
    if (from.handle() < 0 && errno == ELOOP) return refused(file, "is a link");
    if (from.handle() < 0) return failed(file, "open");
    struct stat status {};
    if (::fstat(from.handle(), &status) != 0) return failed(file, "stat");
    if (const auto good = check_file(file, status, bytes); !good) return good.error();
    std::string key(bytes, '\0');
    if (::read(from.handle(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
        return failed(file, "read");
    }
    return key;
}

Result<void> write_key_file(const fs::path& file, std::string_view key) {
    const fs::path fresh = file.string() + ".new." + std::to_string(::getpid());
    ::unlink(fresh.c_str());
    const auto written = write_new_file(fresh, key);
    const bool linked = written && (::link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST);
    const Error not_linked = failed(file, "link");
    ::unlink(fresh.c_str());
    if (!written) return written.error();
    if (!linked) return not_linked;
    return sync_directory(file.parent_path());
}

Result<void> destroy_key_file(const fs::path& file) {
    {
        const Descriptor to{file, O_WRONLY | O_NOFOLLOW};
        if (to.handle() < 0 && errno == ENOENT) return {};
        if (to.handle() < 0) return failed(file, "open");
        struct stat status {};
        if (::fstat(to.handle(), &status) != 0) return failed(file, "stat");
        const std::string zeros(static_cast<std::size_t>(status.st_size), '\0');
        if (::write(to.handle(), zeros.data(), zeros.size()) != status.st_size) {
            return failed(file, "write");
        }
        if (::fsync(to.handle()) != 0) return failed(file, "sync");
    }
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) return failed(file, "unlink");
    return sync_directory(file.parent_path());
}

}  // namespace slipway
