#include "server/runtime/background_job.h"

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
    }));
    began.get_future().wait();
    EXPECT_TRUE(job.is_busy());
    EXPECT_FALSE(job.start([](const std::stop_token&) { FAIL() << "the first is not done"; }));
    job.stop();
    EXPECT_FALSE(job.is_busy());
}

TEST(BackgroundJob, BeginsAnewAfterTheOneBefore) {
    BackgroundJob job{"test"};
    for (int i = 0; i < 3; ++i) {
        std::promise<int> done;
        ASSERT_TRUE(job.start([&done, i](const std::stop_token&) { done.set_value(i); }));
        EXPECT_EQ(done.get_future().get(), i);
        job.stop();
    }
}

TEST(BackgroundJob, ThatIsDestroyedStopsItsWork) {
    std::promise<bool> stopped;
    {
        BackgroundJob job{"test"};
        ASSERT_TRUE(job.start([&stopped](const std::stop_token& stop) {
            wait_for(stop);
            stopped.set_value(stop.stop_requested());
        }));
    }
    EXPECT_TRUE(stopped.get_future().get());
}

}  // namespace
}  // namespace slipway
