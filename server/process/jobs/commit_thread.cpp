#include "server/process/jobs/commit_thread.h"

#include <utility>

namespace slipway {

namespace {

// The longest wait without a look at whether to stop.
constexpr std::chrono::milliseconds kIdleWait{100};

}  // namespace

CommitThread::CommitThread(EventLog& log, const Clock& clock, Post post, Durable durable)
    : log_(log), clock_(clock), last_(log.durable()) {
    log_.on_durable([this, post = std::move(post), durable = std::move(durable)](
                        Position position, const Result<void>& result) {
        const Commit commit{position, position.value - last_.value, clock_.monotonic() - began_,
                            result};
        last_ = position;
        post([durable, commit] { durable(commit); });
    });
    thread_.emplace("commit", [this](const std::stop_token& stop) { run(stop); });
}

void CommitThread::run(const std::stop_token& stop) {
    const std::stop_callback wakes{stop, [this] { log_.wake(); }};
    while (!stop.stop_requested()) {
        log_.wait(kIdleWait);
        began_ = clock_.monotonic();
        log_.flush();
    }
}

}  // namespace slipway
