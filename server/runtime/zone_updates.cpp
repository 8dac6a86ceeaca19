#include "server/runtime/zone_updates.h"

namespace slipway {

// Null if the version is the one that was taken.
Result<std::unique_ptr<ZoneDatabase>> ZoneUpdates::load_other() {
    const auto version = ZoneDatabase::version_of(directory_);
    if (!version) return version.error();
    if (*version == version_) return std::unique_ptr<ZoneDatabase>{};
    return ZoneDatabase::load(directory_);
}

Result<std::unique_ptr<ZoneDatabase>> ZoneUpdates::look() {
    auto found = load_other();
    const auto before = std::exchange(seen_, std::nullopt);
    if (!found || !*found) return found;
    const Digest digest = (*found)->digest();
    if (before != digest) {
        seen_ = digest;
        return std::unique_ptr<ZoneDatabase>{};
    }
    version_ = (*found)->version();
    return found;
}

}  // namespace slipway
