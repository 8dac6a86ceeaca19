#include "server/http/turns.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <utility>

namespace slipway {

namespace {

constexpr std::chrono::microseconds kTakenAtOnce{1'000};

}  // namespace

struct Turns::Pause {
    explicit Pause(boost::asio::io_context& io) : timer(io) {}

    boost::asio::steady_timer timer;
    std::chrono::nanoseconds until{};
};

Turns::Turns(boost::asio::io_context& io, const Clock& clock, int times_left_to_others)
    : clock_(clock),
      pause_(std::make_unique<Pause>(io)),
      times_left_to_others_(times_left_to_others) {}

Turns::~Turns() = default;

void Turns::ask(Turn turn) {
    asked_.push_back(std::move(turn));
    if (!is_taking_) begin();
}

void Turns::begin() {
    is_taking_ = true;
    pause_->timer.expires_after(pause_->until - clock_.monotonic());
    pause_->timer.async_wait([this](boost::system::error_code error) {
        if (!error) take();
    });
}

void Turns::ask_when_log_grew(Turn turn) {
    waiting_.push_back(std::move(turn));
}

void Turns::log_grew() {
    for (Turn& turn : std::exchange(waiting_, {})) ask(std::move(turn));
}

void Turns::take() {
    const auto began = clock_.monotonic();
    auto now = began;
    while (!asked_.empty() && now - began < kTakenAtOnce) {
        const Turn turn = std::move(asked_.front());
        asked_.pop_front();
        turn();
        now = clock_.monotonic();
    }
    pause_->until = now + times_left_to_others_ * (now - began);
    is_taking_ = false;
    if (!asked_.empty()) begin();
}

}  // namespace slipway
