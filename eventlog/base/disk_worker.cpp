#include "eventlog/base/disk_worker.h"

#include <utility>

namespace slipway {

DiskWorker::DiskWorker(Post post)
    : post_(std::move(post)),
      thread_("disk_worker", [this](const std::stop_token& stop) { run(stop); }) {}

void DiskWorker::ask(Work work, Work done) {
    {
        const std::lock_guard lock{mutex_};
        pieces_.push_back({std::move(work), std::move(done)});
    }
    changed_.notify_one();
}

std::size_t DiskWorker::waiting() const {
    const std::lock_guard lock{mutex_};
    return pieces_.size();
}

// When a stop is requested, what was asked for is still done.
void DiskWorker::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (changed_.wait(lock, stop, [this] { return !pieces_.empty(); })) {
        const Piece piece = std::move(pieces_.front());
        pieces_.pop_front();
        lock.unlock();
        piece.work();
        post_(piece.done);
        lock.lock();
    }
}

}  // namespace slipway
