#include "server/auth/secrets.h"

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace slipway {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyBytes = 32;
constexpr mode_t kOwnerOnly = 0600;

class Descriptor {
  public:
    Descriptor(const fs::path& path, int flags)
        : handle_(::open(path.c_str(), flags | O_CLOEXEC, kOwnerOnly)) {}
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

Result<void> check_file(const fs::path& file, const struct stat& status) {
    if (!S_ISREG(status.st_mode)) return refused(file, "is no plain file");
    const mode_t mode = status.st_mode & 07777U;
    if ((mode & 077U) != 0) {
        return refused(file, "others may read it (mode " + octal_of(mode) +
                                 "): chmod 600 it, "
                                 "and replace it if somebody may have");
    }
    if (status.st_size != static_cast<off_t>(kKeyBytes)) {
        return refused(file, "has " + std::to_string(status.st_size) + " bytes, expected " +
                                 std::to_string(kKeyBytes) + ": restore it");
    }
    return {};
}

Result<std::string> read_key(const fs::path& file) {
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
    if (const auto good = check_file(file, status); !good) return good.error();
    std::string key(kKeyBytes, '\0');
    if (::read(from.handle(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
        return failed(file, "read");
    }
    return key;
}

std::string random_key() {
    std::array<unsigned char, kKeyBytes> key{};
    CHECK(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1);
    return {key.begin(), key.end()};
}

Result<void> write_key(const fs::path& file) {
    const std::string key = random_key();
    const Descriptor to{file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW};
    if (to.handle() < 0) return failed(file, "create");
    // Whatever the umask says.
    if (::fchmod(to.handle(), kOwnerOnly) != 0) return failed(file, "chmod");
    if (::write(to.handle(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
        return failed(file, "write");
    }
    if (::fsync(to.handle()) != 0) return failed(file, "sync");
    return {};
}

// The key appears under its name complete and durable, or not at all; two processes that both make
// one end up with the same.
Result<void> make_key(const fs::path& file) {
    const fs::path fresh = file.string() + ".new." + std::to_string(::getpid());
    ::unlink(fresh.c_str());
    const auto written = write_key(fresh);
    const bool linked = written && (::link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST);
    const Error not_linked = failed(file, "link");
    ::unlink(fresh.c_str());
    if (!written) return written.error();
    if (!linked) return not_linked;
    const Descriptor directory{file.parent_path(), O_RDONLY | O_DIRECTORY};
    if (directory.handle() < 0 || ::fsync(directory.handle()) != 0) {
        return failed(file.parent_path(), "sync");
    }
    return {};
}

Result<std::string> key_in(const fs::path& file, Secrets::Missing missing) {
    auto key = read_key(file);
    if (key || key.error().code != ErrorCode::not_found) return key;
    if (missing == Secrets::Missing::refuse) return key;
    if (const auto made = make_key(file); !made) return made.error();
    return read_key(file);
}

std::string derive(const std::string& key, std::string_view label, const std::string& what) {
    // No label holds a zero byte, so no two pairs of label and what give the same bytes.
    std::string bytes{label};
    bytes += '\0';
    bytes += what;
    return std::string{bytes_of(hmac_sha256(key, bytes))};
}

}  // namespace

Result<Secrets> Secrets::open(const fs::path& directory, Missing missing) {
    auto jwt_secret = key_in(directory / "jwt_secret", missing);
    if (!jwt_secret) return jwt_secret.error();
    auto server_key = key_in(directory / "server_key", missing);
    if (!server_key) return server_key.error();
    return Secrets{std::move(*jwt_secret), std::move(*server_key)};
}

std::string Secrets::signing_secret(AppId app, std::uint32_t generation) const {
    return derive(server_key_, "signing secret 1", app.text() + " " + std::to_string(generation));
}

std::string Secrets::callback_token(DeploymentId deployment) const {
    return "cbt_" + base64url_of(derive(server_key_, "callback token 1", deployment.text()));
}

std::string Secrets::key_check() const {
    return hex_of(derive(server_key_, "check 1", {})).substr(0, 16);
}

std::string Secrets::answer_key() const {
    return derive(server_key_, "answers 1", {});
}

std::string new_api_token() {
    return std::string{kApiTokenPrefix} + base64url_of(random_key());
}

std::string new_invitation() {
    return "inv_" + base64url_of(random_key());
}

}  // namespace slipway
