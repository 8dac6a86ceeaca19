#include "server/process/timer_loop.h"

#include "eventlog/base/check.h"
#include "eventlog/base/trace.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace slipway {

namespace asio = boost::asio;

namespace {

// What a timer of Linux can count to: 2^63 nanoseconds, in 2262. Nothing is lost by waking earlier.
constexpr Instant kTimerLatest{Seconds{9'000'000'000}};

}  // namespace

struct TimerLoop::Impl : std::enable_shared_from_this<TimerLoop::Impl> {
    Impl(asio::io_context& context, const Clock& time, Tick work)
        : io(context), clock(time), tick(std::move(work)), descriptor(context) {
        // On the wall clock: it decides what is due, in steps of the clock too.
        const int handle = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
        CHECK(handle >= 0);
        descriptor.assign(handle);
    }

    void run() {
        if (stopped) return;
        Instant now = clock.now();
        next = tick(now);
        if (next <= now) {
            // There is more to do at once, but others have their turn first.
            next = Instant::max();
            poke();
            return;
        }
        arm();
    }

    void look() {
        if (clock.now() >= next) run();
    }

    void arm() {
        set_timer();
        if (waiting) return;
        waiting = true;
        descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this()](boost::system::error_code error) {
                                  self->waiting = false;
                                  if (error) return;
                                  self->on_expiry();
                              });
    }

    // At an instant that the kernel's timer cannot have, such as one before 1970, it looks again
    // each second.
    void set_timer() {
        const auto since_epoch = std::min(next, kTimerLatest).time_since_epoch();
        const auto seconds = std::chrono::duration_cast<Seconds>(since_epoch);
        itimerspec when{};
        when.it_value.tv_sec = seconds.count();
        when.it_value.tv_nsec = std::chrono::nanoseconds{since_epoch - seconds}.count();
        const int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
        const int handle = descriptor.native_handle();
        if (since_epoch > Millis{} && timerfd_settime(handle, flags, &when, nullptr) == 0) return;
        const itimerspec in_a_second{{}, {1, 0}};
        CHECK(timerfd_settime(handle, 0, &in_a_second, nullptr) == 0);
    }

    void on_expiry() {
        std::uint64_t times = 0;
        const auto count = read(descriptor.native_handle(), &times, sizeof times);
        if (count < 0 && errno == ECANCELED) {
            trace(TraceLevel::warning,
                  "timer: the wall clock was set; it is now " + to_text(clock.now()));
        }
        run();
    }

    void poke() {
        if (poked || stopped) return;
        poked = true;
        asio::post(io, [self = shared_from_this()] {
            self->poked = false;
            self->run();
        });
    }

    void stop() {
        stopped = true;
        boost::system::error_code ignored;
        descriptor.close(ignored);
    }

    asio::io_context& io;
    const Clock& clock;
    Tick tick;
    asio::posix::stream_descriptor descriptor;
    Instant next = Instant::max();  // when tick wants to be called
    bool waiting = false;
    bool poked = false;
    bool stopped = false;
};

TimerLoop::TimerLoop(asio::io_context& io, const Clock& clock, Tick tick)
    : impl_(std::make_shared<Impl>(io, clock, std::move(tick))) {}

TimerLoop::~TimerLoop() {
    impl_->stop();
}

void TimerLoop::run() {
    impl_->run();
}
void TimerLoop::look() {
    impl_->look();
}
void TimerLoop::poke() {
    impl_->poke();
}
void TimerLoop::stop() {
    impl_->stop();
}

}  // namespace slipway
