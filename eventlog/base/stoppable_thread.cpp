#include "eventlog/base/stoppable_thread.h"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <utility>

namespace slipway {

StoppableThread::StoppableThread(std::string name, Work work)
    : thread_([name = std::move(name), work = std::move(work)](const std::stop_token& stop) {
          pthread_setname_np(pthread_self(), name.c_str());
          work(stop);
      }) {}

void StoppableThread::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

bool wait_unless_stopped(const std::stop_token& stop, std::chrono::milliseconds duration) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    never.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
}

}  // namespace slipway
