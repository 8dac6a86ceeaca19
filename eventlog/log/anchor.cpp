#include "eventlog/log/anchor.h"

#include "eventlog/base/digest.h"
#include "eventlog/log/log_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace slipway {

namespace {

// "anchor 1\n", the tail, the CRC-32C of both
constexpr std::string_view kHead = "anchor 1\n";

Error failed(const std::filesystem::path& file, const std::string& what) {
    return Error{ErrorCode::io,
                 "anchor: " + file.string() + ": " + what + ": " + std::strerror(errno)};
}

class Descriptor {
  public:
    Descriptor(const std::filesystem::path& path, int flags)
        : handle_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (handle_ >= 0) close(handle_);
    }
    int handle() const { return handle_; }

  private:
    int handle_;
};

bool write_all(int handle, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = write(handle, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

Result<void> write_anchor(const std::filesystem::path& file, const Tail& tail) {
    std::string bytes = std::string{kHead} + tail_value(tail);
    append_u32(bytes, crc32c(bytes));
    const std::filesystem::path fresh = file.string() + ".new";
    {
        const Descriptor to{fresh, O_WRONLY | O_CREAT | O_TRUNC};
        if (to.handle() < 0) return failed(fresh, "open");
        if (!write_all(to.handle(), bytes)) return failed(fresh, "write");
        if (fsync(to.handle()) != 0) return failed(fresh, "sync");
    }
    if (std::rename(fresh.c_str(), file.c_str()) != 0) return failed(file, "rename");
    return sync_names(file.parent_path());
}

Result<Tail> read_anchor(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) return Error{ErrorCode::not_found, "anchor: " + file.string() + " is not there"};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    const auto corrupt = [&](const std::string& what) {
        return Error{ErrorCode::corruption, "anchor: " + file.string() + ": " + what};
    };
    if (bytes.size() < kHead.size() + 4 || !bytes.starts_with(kHead)) {
        return corrupt("does not begin with \"anchor 1\"");
    }
    const std::string_view checked = std::string_view{bytes}.substr(0, bytes.size() - 4);
    if (crc32c(checked) != read_u32(std::string_view{bytes}.substr(checked.size()))) {
        return corrupt("the checksum is not that of what it says");
    }
    const auto tail = tail_of_value(checked.substr(kHead.size()));
    if (!tail) return corrupt("is not of the size of an anchor");
    return *tail;
}

}  // namespace slipway
