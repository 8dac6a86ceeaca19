// The timer loop at the ends of time, where the kernel's own timer cannot follow.

#include "server/process/timer_loop.h"

#include "tests/support/manual_clock.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

// Runs until the tick was called `times` times, each of which wants the next an instant later.
int ticks_at(Instant now, Instant next, int times) {
    boost::asio::io_context io;
    ManualClock clock;
    clock.time = now;
    int count = 0;
    TimerLoop loop{io, clock, [&](Instant) {
                       ++count;
                       return next;
                   }};
    loop.run();
    while (count < times && io.run_one() > 0) {
    }
    loop.stop();
    return count;
}

TEST(TimerLoopTest, LooksAgainWhereTheClockIsBefore1970) {
    EXPECT_EQ(ticks_at(*instant_of("1969-12-31T00:00:00Z"), *instant_of("1969-12-31T01:00:00Z"), 2),
              2);
}

TEST(TimerLoopTest, WaitsForWhatIsNeverDue) {
    EXPECT_EQ(ticks_at(*instant_of("2027-02-10T08:00:00Z"), Instant::max(), 1), 1);
    EXPECT_EQ(ticks_at(*instant_of("9999-12-31T23:59:58Z"), *instant_of("9999-12-31T23:59:59Z"), 1),
              1);
    EXPECT_EQ(ticks_at(*instant_of("9999-12-31T23:59:59Z"), Instant::max(), 1), 1);
}

}  // namespace
}  // namespace slipway
