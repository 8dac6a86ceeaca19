#include "server/runtime/zone_watch.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace slipway {

ZoneWatch::ZoneWatch(ZoneUpdates updates, std::chrono::milliseconds interval, Seen seen)
    : updates_(std::move(updates)),
      interval_(interval),
      seen_(std::move(seen)),
      thread_([this] { run(); }) {}

void ZoneWatch::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    stopped_.notify_all();
    thread_.join();
}

Result<std::unique_ptr<ZoneDatabase>> ZoneWatch::look() try {
    return updates_.look();
} catch (const std::exception& why) {
    return Error{ErrorCode::unavailable, std::string{"zones: "} + why.what()};
}

void ZoneWatch::run() {
    pthread_setname_np(pthread_self(), "zones");
    std::unique_lock lock{mutex_};
    for (;;) {
        const auto wait = updates_.is_settling()
                              ? std::min<std::chrono::milliseconds>(interval_, kZoneSettleTime)
                              : interval_;
        if (stopped_.wait_for(lock, wait, [this] { return stopping_; })) return;
        lock.unlock();
        seen_(look());
        lock.lock();
    }
}

}  // namespace slipway
