#include "server/high_water_keeper.h"

#include "eventlog/base/trace.h"

#include <pthread.h>

#include <exception>

namespace slipway {

namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

HighWaterKeeper::HighWaterKeeper(InstallationClaim& claim, EventLog& log, const Clock& clock,
                                 Position from)
    : claim_(claim), log_(log), clock_(clock), from_(from), thread_([this] { run(); }) {}

void HighWaterKeeper::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    stopped_.notify_all();
    thread_.join();
}

void HighWaterKeeper::run() {
    pthread_setname_np(pthread_self(), "high-water");
    std::unique_lock lock{mutex_};
    while (!stopped_.wait_for(lock, kInterval, [this] { return stopping_; })) {
        lock.unlock();
        keep(false);
        lock.lock();
    }
}

// What cannot be kept now is tried again in a second; the log itself is whole.
void HighWaterKeeper::keep(bool is_last) {
    if (log_.is_sealed() || log_.durable() < from_) return;
    std::string failure;
    try {
        if (const auto kept = claim_.keep_end(log_, clock_.monotonic(), is_last); !kept) {
            failure = kept.error().message;
        }
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (failure != failure_ && !failure.empty()) {
        trace(TraceLevel::error, "the end of the log is not kept outside of it: " + failure);
    }
    failure_ = failure;
}

}  // namespace slipway
