#include "server/runtime/commit_thread.h"

#include <pthread.h>

#include <utility>

namespace slipway {

namespace {

// The longest wait without a look at whether to stop.
constexpr std::chrono::milliseconds kIdleWait{100};

}  // namespace

CommitThread::CommitThread(EventLog& log, Post post, Durable durable) : log_(log) {
    log_.on_durable([post = std::move(post), durable = std::move(durable)](
                        Position position, const Result<void>& result) {
        post([durable, position, result] { durable(position, result); });
    });
    thread_ = std::thread{[this] {
        pthread_setname_np(pthread_self(), "commit");
        while (!stopping_.load()) log_.wait_and_flush(kIdleWait);
    }};
}

void CommitThread::stop() {
    if (!thread_.joinable()) return;
    stopping_.store(true);
    log_.wake();
    thread_.join();
}

}  // namespace slipway
