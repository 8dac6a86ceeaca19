#include "server/process/jobs/zone_watch.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace slipway {

ZoneWatch::ZoneWatch(ZoneUpdates updates, std::chrono::milliseconds interval, Seen seen)
    : updates_(std::move(updates)),
      interval_(interval),
      seen_(std::move(seen)),
      thread_("zones", [this](const std::stop_token& stop) { run(stop); }) {}

Result<std::unique_ptr<ZoneDatabase>> ZoneWatch::look() try {
    return updates_.look();
} catch (const std::exception& why) {
    return Error{ErrorCode::unavailable, std::string{"zones: "} + why.what()};
}

void ZoneWatch::run(const std::stop_token& stop) {
    const auto until_next = [this] {
        return updates_.is_settling()
                   ? std::min<std::chrono::milliseconds>(interval_, kZoneSettleTime)
                   : interval_;
    };
    while (wait_unless_stopped(stop, until_next())) seen_(look());
}

}  // namespace slipway
