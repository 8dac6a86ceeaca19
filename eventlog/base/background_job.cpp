#include "eventlog/base/background_job.h"

#include <sys/resource.h>
#include <unistd.h>

#include <system_error>
#include <utility>

namespace slipway {

namespace {

constexpr int kNice = 10;

}  // namespace

bool BackgroundJob::start(Work work) try {
    if (is_busy_.exchange(true)) return false;
    // The one before is about to return.
    thread_.reset();
    thread_.emplace(name_, [this, work = std::move(work)](const std::stop_token& stop) {
        // Of this thread alone, on Linux: what serves goes first.
        setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
        const auto tell = work(stop);
        is_busy_ = false;
        tell();
    });
    return true;
} catch (const std::system_error&) {
    is_busy_ = false;
    return false;
}

void BackgroundJob::stop() {
    if (thread_) thread_->stop();
}

}  // namespace slipway
