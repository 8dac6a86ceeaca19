#include "server/runtime/zone_watch.h"

#include <pthread.h>

#include <algorithm>
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

void ZoneWatch::run() {
    pthread_setname_np(pthread_self(), "zones");
    std::unique_lock lock{mutex_};
    for (;;) {
        const auto wait = updates_.is_settling()
                              ? std::min<std::chrono::milliseconds>(interval_, kZoneSettleTime)
                              : interval_;
        if (stopped_.wait_for(lock, wait, [this] { return stopping_; })) return;
        lock.unlock();
        seen_(updates_.look());
        lock.lock();
    }
}

}  // namespace slipway
