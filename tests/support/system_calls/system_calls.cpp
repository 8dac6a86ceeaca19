#include "tests/support/system_calls/system_calls.h"

#include "eventlog/base/check.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

namespace {

namespace fs = std::filesystem;

// The C library's, behind ours.
template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

using FileId = std::uint64_t;  // an inode number is used again, this is not
using Names = std::map<std::string, FileId>;

std::string read_all(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

struct Disk {
    fs::path root;
    FileId last_id = 0;
    std::map<ino_t, FileId> ids;
    std::map<FileId, std::string> contents;  // as synced
    std::map<FileId, Names> names;           // as synced; of directories
    std::uint64_t calls = 0;
    std::uint64_t failing = 0;
    bool stays = false;
    bool half = false;
    const char* failed = nullptr;

    bool has(std::string_view path) const {
        const auto& all = root.native();
        return path.starts_with(all) && (path.size() == all.size() || path[all.size()] == '/');
    }
    FileId id_of(const fs::path& path) {
        struct stat about {};
        CHECK(::stat(path.c_str(), &about) == 0);
        auto& id = ids[about.st_ino];
        if (id == 0) id = ++last_id;
        return id;
    }
    void is_new(const fs::path& path) {
        struct stat about {};
        CHECK(::stat(path.c_str(), &about) == 0);
        ids[about.st_ino] = ++last_id;
        if (S_ISDIR(about.st_mode)) names[last_id] = {};
    }
    void synced(const fs::path& path) {
        if (!fs::exists(path)) return;
        const FileId id = id_of(path);
        if (!fs::is_directory(path)) {
            contents[id] = read_all(path);
            return;
        }
        Names& all = names[id];
        all.clear();
        for (const auto& entry : fs::directory_iterator{path}) {
            all[entry.path().filename().string()] = id_of(entry.path());
        }
    }
    bool fails(const char* call) {
        if (failing == 0) return false;
        ++calls;
        const bool now = calls == failing || (stays && calls > failing);
        if (now && failed == nullptr) failed = call;
        return now;
    }
    void leave(FileId id, const fs::path& into) const;
    void leave_torn(const fs::path& from, const fs::path& into, Unsynced unsynced_bytes);
};

std::recursive_mutex mutex;
std::optional<Disk> disk;
thread_local bool inside = false;  // what is done here to know the disk is not on it

// Whether a call is one on the disk; while this lives, no other is.
class Call {
  public:
    explicit Call(std::string_view path) {
        if (inside) return;
        lock_.lock();
        on_disk_ = disk && disk->has(path);
        inside = true;
        entered_ = true;
    }
    explicit Call(int handle) : Call(inside ? std::string{} : path_of(handle)) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
        if (entered_) inside = false;
    }

    bool is_on_disk() const { return on_disk_; }
    // Whether it is to fail.
    bool fails(const char* name) const {
        if (!on_disk_ || !disk->fails(name)) return false;
        errno = EIO;
        return true;
    }

    static std::string path_of(int handle) {
        char path[4096];
        const std::string link = "/proc/self/fd/" + std::to_string(handle);
        const auto length = ::readlink(link.c_str(), path, sizeof path);
        return length < 0 ? std::string{} : std::string(path, static_cast<std::size_t>(length));
    }

  private:
    std::unique_lock<std::recursive_mutex> lock_{mutex, std::defer_lock};
    bool on_disk_ = false;
    bool entered_ = false;
};

int opened(const char* name, decltype(::open)* call_on, const char* path, int flags, mode_t mode) {
    const Call call{path};
    if (call.fails(name)) return -1;
    const bool fresh = call.is_on_disk() && (flags & O_CREAT) != 0 && ::access(path, F_OK) != 0;
    const int handle = call_on(path, flags, mode);
    if (handle >= 0 && fresh) disk->is_new(path);
    return handle;
}

mode_t mode_in(int flags, std::va_list arguments) {
    return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

int synced(const char* name, decltype(::fsync)* call_on, int handle) {
    const Call call{handle};
    if (!call.is_on_disk()) return call_on(handle);
    if (call.fails(name)) return -1;
    disk->synced(Call::path_of(handle));
    return 0;
}

}  // namespace

void Disk::leave(FileId id, const fs::path& into) const {
    if (const auto found = names.find(id); found != names.end()) {
        fs::create_directory(into);
        for (const auto& [name, file] : found->second) leave(file, into / name);
        return;
    }
    const auto found = contents.find(id);
    std::ofstream{into, std::ios::binary} << (found == contents.end() ? "" : found->second);
}

void Disk::leave_torn(const fs::path& from, const fs::path& into, Unsynced unsynced_bytes) {
    if (fs::is_directory(from)) {
        fs::create_directory(into);
        for (const auto& entry : fs::directory_iterator{from}) {
            leave_torn(entry.path(), into / entry.path().filename(), unsynced_bytes);
        }
        return;
    }
    const auto found = contents.find(id_of(from));
    std::string left = found == contents.end() ? "" : found->second;
    const std::string whole = read_all(from);
    if (unsynced_bytes != Unsynced::names_kept && whole.size() > left.size()) {
        const std::size_t unsynced = whole.size() - left.size();
        left = whole.substr(0, whole.size() - (unsynced + 1) / 2);
        if (unsynced_bytes == Unsynced::zeroed) left.append(unsynced / 2, '\0');
    }
    std::ofstream{into, std::ios::binary} << left;
}

SystemCalls::SystemCalls(const fs::path& directory) {
    const std::lock_guard lock{mutex};
    CHECK(!disk);
    disk.emplace();
    disk->root = fs::canonical(directory);
    inside = true;
    for (const auto& entry : fs::recursive_directory_iterator{disk->root}) {
        disk->synced(entry.path());
    }
    disk->synced(disk->root);
    inside = false;
}

SystemCalls::~SystemCalls() {
    const std::lock_guard lock{mutex};
    disk.reset();
}

void SystemCalls::fail(std::uint64_t number, bool stays, bool half) {
    const std::lock_guard lock{mutex};
    disk->calls = 0;
    disk->failing = number;
    disk->stays = stays;
    disk->half = half;
    disk->failed = nullptr;
}

bool SystemCalls::has_failed() const {
    return failed_call() != nullptr;
}

const char* SystemCalls::failed_call() const {
    const std::lock_guard lock{mutex};
    return disk->failed;
}

void SystemCalls::cut_power(const fs::path& into, Unsynced unsynced) const {
    const std::lock_guard lock{mutex};
    inside = true;
    if (unsynced == Unsynced::lost) {
        disk->leave(disk->id_of(disk->root), into);
    } else {
        disk->leave_torn(disk->root, into, unsynced);
    }
    inside = false;
}

}  // namespace slipway

// ---- In the place of the C library's

using slipway::Call;
using slipway::disk;
using slipway::real;

extern "C" {

int open(const char* path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = slipway::mode_in(flags, arguments);
    va_end(arguments);
    return slipway::opened("open", real<decltype(::open)>("open"), path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = slipway::mode_in(flags, arguments);
    va_end(arguments);
    return slipway::opened("open", real<decltype(::open)>("open64"), path, flags, mode);
}

ssize_t write(int handle, const void* bytes, std::size_t count) {
    const Call call{handle};
    if (!call.fails("write")) return real<decltype(::write)>("write")(handle, bytes, count);
    if (disk->half) static_cast<void>(real<decltype(::write)>("write")(handle, bytes, count / 2));
    errno = disk->half ? ENOSPC : EIO;
    return -1;
}

ssize_t read(int handle, void* bytes, std::size_t count) {
    const Call call{handle};
    return call.fails("read") ? -1 : real<decltype(::read)>("read")(handle, bytes, count);
}

ssize_t pread(int handle, void* bytes, std::size_t count, off_t offset) {
    const Call call{handle};
    return call.fails("pread") ? -1
                               : real<decltype(::pread)>("pread")(handle, bytes, count, offset);
}

ssize_t sendfile(int to, int from, off_t* offset, std::size_t count) {
    const Call call{to};
    return call.fails("sendfile") ? -1
                                  : real<decltype(::sendfile)>("sendfile")(to, from, offset, count);
}

int fsync(int handle) {
    return slipway::synced("fsync", real<decltype(::fsync)>("fsync"), handle);
}

int fdatasync(int handle) {
    return slipway::synced("fdatasync", real<decltype(::fsync)>("fdatasync"), handle);
}

int rename(const char* from, const char* to) noexcept {
    const Call call{to};
    return call.fails("rename") ? -1 : real<decltype(::rename)>("rename")(from, to);
}

int link(const char* from, const char* to) noexcept {
    const Call call{to};
    return call.fails("link") ? -1 : real<decltype(::link)>("link")(from, to);
}

int unlink(const char* path) noexcept {
    const Call call{path};
    return call.fails("unlink") ? -1 : real<decltype(::unlink)>("unlink")(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
    const Call call{path};
    if (call.fails("mkdir")) return -1;
    const int made = real<decltype(::mkdir)>("mkdir")(path, mode);
    if (made == 0 && call.is_on_disk()) disk->is_new(path);
    return made;
}

int flock(int handle, int kind) noexcept {
    const Call call{handle};
    return call.fails("flock") ? -1 : real<decltype(::flock)>("flock")(handle, kind);
}

}  // extern "C"
