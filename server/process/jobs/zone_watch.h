// The zone watch looks at the directory of zone files again and again, for rules that are newer. On
// a thread of its own: reading them all takes some milliseconds.

#pragma once

#include "eventlog/base/stoppable_thread.h"
#include "server/process/jobs/zone_updates.h"

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>

namespace slipway {

// Between two looks. Rules change some times a year, and are published weeks before they hold.
inline constexpr std::chrono::seconds kZoneLookInterval{60};

// Between two looks at what is new: longer than a package takes to replace its files.
inline constexpr std::chrono::seconds kZoneSettleTime{5};

class ZoneWatch {
  public:
    // Hears of each look, on the watch's thread: as ZoneUpdates::look, and unavailable if there was
    // no memory for it.
    using Seen = std::function<void(Result<std::unique_ptr<ZoneDatabase>>)>;

    ZoneWatch(ZoneUpdates updates, std::chrono::milliseconds interval, Seen seen);

    // Ends after the look that is under way. Idempotent.
    void stop() { thread_.stop(); }

  private:
    void run(const std::stop_token& stop);
    Result<std::unique_ptr<ZoneDatabase>> look();

    ZoneUpdates updates_;
    std::chrono::milliseconds interval_;
    Seen seen_;
    StoppableThread thread_;
};

}  // namespace slipway
