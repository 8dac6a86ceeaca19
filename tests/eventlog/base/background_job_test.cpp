#include "eventlog/base/background_job.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>

namespace slipway {
namespace {

// Work that lasts until it is told to stop.
void wait_for(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    never.wait(lock, stop, [] { return false; });
}

TEST(BackgroundJob, DoesOneThingAtATime) {
    BackgroundJob job{"test"};
    std::promise<void> began;
    ASSERT_TRUE(job.start([&](const std::stop_token& stop) {
        began.set_value();
        wait_for(stop);
        return [] {};
    }));
    began.get_future().wait();
    EXPECT_TRUE(job.is_busy());
    EXPECT_FALSE(job.start([](const std::stop_token&) {
        ADD_FAILURE() << "the first is not done";
        return [] {};
    }));
    job.stop();
    EXPECT_FALSE(job.is_busy());
}

TEST(BackgroundJob, BeginsAnewAfterTheOneBefore) {
    BackgroundJob job{"test"};
    for (int i = 0; i < 3; ++i) {
        std::promise<int> done;
        // What tells the end may start the next at once.
        ASSERT_TRUE(job.start(
            [&done, i](const std::stop_token&) { return [&done, i] { done.set_value(i); }; }));
        EXPECT_EQ(done.get_future().get(), i);
    }
}

TEST(BackgroundJob, ThatIsDestroyedStopsItsWork) {
    std::promise<bool> stopped;
    {
        BackgroundJob job{"test"};
        ASSERT_TRUE(job.start([&stopped](const std::stop_token& stop) {
            wait_for(stop);
            return [&stopped, stop] { stopped.set_value(stop.stop_requested()); };
        }));
    }
    EXPECT_TRUE(stopped.get_future().get());
}

}  // namespace
}  // namespace slipway
