// Targets that do what targets do: answer in any order, late, wrongly, more than once or never. One
// thread, no network.

#pragma once

#include "server/executors/executor.h"

#include <array>
#include <functional>
#include <random>
#include <utility>
#include <vector>

namespace slipway {

class SimulatedTargets : public Executor {
  public:
    using Sent = std::function<void(const AttemptRequest&)>;

    // `sent` hears of each attempt as it leaves.
    SimulatedTargets(std::mt19937_64& random, Sent sent)
        : random_(random), sent_(std::move(sent)) {}

    void start(AttemptRequest request, Done done) override {
        waiting_.push_back({std::move(request), std::move(done), false});
    }
    void cancel(Position token) override {
        std::erase_if(waiting_, [&](const Attempt& one) { return one.request.token == token; });
    }
    std::vector<Position> take_back() override {
        std::vector<Position> tokens;
        for (const Attempt& one : waiting_) {
            if (!one.is_sent) tokens.push_back(one.request.token);
        }
        for (const Position token : tokens) cancel(token);
        return tokens;
    }

    bool is_idle() const { return waiting_.empty(); }

    // One that waits is sent, or one that was sent ends.
    void go_on() {
        if (waiting_.empty()) return;
        const std::size_t index = random_() % waiting_.size();
        Attempt& chosen = waiting_[index];
        if (!chosen.is_sent) {
            chosen.is_sent = true;
            sent_(chosen.request);
            return;
        }
        // Its end may start another.
        const Done done = std::move(chosen.done);
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
        done(some_result());
    }

  private:
    struct Attempt {
        AttemptRequest request;
        Done done;
        bool is_sent = false;
    };

    AttemptResult some_result() {
        struct Answer {
            AttemptResult::Kind kind;
            int http_status;  // 0: none came
            AttemptCause cause = AttemptCause::answered;
            bool sent = true;
        };
        using Kind = AttemptResult::Kind;
        static constexpr std::array<Answer, 8> kAnswers = {
            {{Kind::succeeded, 200},
             {Kind::succeeded, 200},
             {Kind::succeeded, 200},
             {Kind::accepted, 202},
             {Kind::failed, 400},
             {Kind::retryable, 503},
             {Kind::retryable, 0, AttemptCause::timed_out},
             {Kind::retryable, 0, AttemptCause::connect_failed, false}}};
        const Answer& answer = kAnswers[random_() % kAnswers.size()];
        AttemptResult result;
        result.kind = answer.kind;
        result.cause = answer.cause;
        result.http_status = answer.http_status;
        result.sent = answer.sent;
        if (answer.http_status == 503 && random_() % 2 == 0) {
            result.retry_after = Seconds{random_() % 100};
        }
        return result;
    }

    std::mt19937_64& random_;
    Sent sent_;
    std::vector<Attempt> waiting_;
};

}  // namespace slipway
