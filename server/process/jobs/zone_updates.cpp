#include "server/process/jobs/zone_updates.h"

#include <utility>

namespace slipway {

Result<std::unique_ptr<ZoneDatabase>> ZoneUpdates::look() {
    auto found = ZoneDatabase::load(directory_);
    const auto before = std::exchange(seen_, std::nullopt);
    if (!found) return found;
    const std::string& digest = (*found)->digest();
    if (digest == taken_) return std::unique_ptr<ZoneDatabase>{};
    if (before != digest) {
        seen_ = digest;
        return std::unique_ptr<ZoneDatabase>{};
    }
    taken_ = digest;
    return found;
}

}  // namespace slipway
