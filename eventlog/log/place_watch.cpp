#include "eventlog/log/place_watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace slipway {

namespace fs = std::filesystem;

namespace {

Error watch_error(const fs::path& path, const std::string& what) {
    return {ErrorCode::io, "log: " + path.string() + ": " + what + ": " + std::strerror(errno)};
}

FileIdentity identity_of(const struct stat& status) {
    return {status.st_dev, status.st_ino};
}

}  // namespace

std::optional<FileIdentity> identity_at(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return identity_of(status);
}

PlaceWatch::~PlaceWatch() {
    for (const Place& place : places_) ::close(place.handle);
}

Result<void> PlaceWatch::add(const fs::path& path) {
    const std::lock_guard lock{mutex_};
    auto place = opened(path);
    if (!place) return place.error();
    keep(std::move(*place));
    return {};
}

Result<PlaceWatch::Place> PlaceWatch::opened(const fs::path& path) {
    const int handle = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (handle < 0) return watch_error(path, "open");
    struct stat status {};
    if (::fstat(handle, &status) != 0) {
        const Error error = watch_error(path, "stat");
        ::close(handle);
        return error;
    }
    return Place{path, identity_of(status), handle};
}

void PlaceWatch::keep(Place place) {
    const auto known = std::find_if(places_.begin(), places_.end(),
                                    [&](const Place& one) { return one.path == place.path; });
    if (known == places_.end()) {
        places_.push_back(std::move(place));
        return;
    }
    ::close(known->handle);
    *known = std::move(place);
}

Result<void> PlaceWatch::replace(const fs::path& fresh, const fs::path& path) {
    // First what can fail: once it is renamed, it must be watched.
    auto place = opened(fresh);
    if (!place) return place.error();
    place->path = path;
    const std::lock_guard lock{mutex_};
    if (::rename(fresh.c_str(), path.c_str()) != 0) {
        const Error error = watch_error(path, "rename");
        ::close(place->handle);
        return error;
    }
    keep(std::move(*place));
    return {};
}

Result<void> PlaceWatch::check() const {
    const std::lock_guard lock{mutex_};
    for (const Place& place : places_) {
        struct stat status {};
        if (::stat(place.path.c_str(), &status) != 0) return watch_error(place.path, "is gone");
        if (identity_of(status) == place.identity) continue;
        return Error{ErrorCode::io,
                     "log: " + place.path.string() +
                         " is no longer what was opened: it was moved, or replaced by another"};
    }
    return {};
}

}  // namespace slipway
