#include "server/runtime/commit_thread.h"

#include <pthread.h>

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
    thread_ = std::thread{[this] { run(); }};
}

void CommitThread::run() {
    pthread_setname_np(pthread_self(), "commit");
    while (!stopping_.load()) {
        log_.wait(kIdleWait);
        began_ = clock_.monotonic();
        log_.flush();
    }
}

void CommitThread::stop() {
    if (!thread_.joinable()) return;
    stopping_.store(true);
    log_.wake();
    thread_.join();
}

}  // namespace slipway
