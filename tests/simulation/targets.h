// Targets that do what targets do: answer in any order, late, wrongly, more than once or never, and
// report what is so, what is not, or what they have reported before. One thread, no network.

#pragma once

#include "server/executors/executor.h"

#include <array>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

// What a target will say of a deployment by calling back: in any process.
struct Report {
    DeploymentId deployment;
    bool succeeded = true;
};

class SimulatedTargets {
  public:
    using Done = std::function<void(AttemptResult)>;
    using Sent = std::function<void(const AttemptRequest&)>;

    // `sent` hears of each attempt as it leaves. What will be reported comes to `reports`.
    SimulatedTargets(std::mt19937_64& random, std::vector<Report>& reports, Sent sent)
        : random_(random), reports_(reports), sent_(std::move(sent)) {}

    // Calls `done` when the attempt ends, unless it is given up.
    void send(AttemptRequest request, Done done) {
        sent_(request);
        waiting_.push_back({std::move(request), std::move(done)});
    }
    void give_up(Position token) {
        std::erase_if(waiting_, [&](const Attempt& one) { return one.request.token == token; });
    }

    // One that was sent ends.
    void go_on() {
        if (waiting_.empty()) return;
        const std::size_t index = random_() % waiting_.size();
        // Its end may start another.
        const Attempt ended = std::move(waiting_[index]);
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
        ended.done(result_of(ended.request));
    }

  private:
    struct Attempt {
        AttemptRequest request;
        Done done;
    };
    struct Answer {
        AttemptResult::Kind kind;
        int http_status;  // 0: none came
        AttemptCause cause = AttemptCause::answered;
        bool sent = true;
    };
    // How a target is just now; the first is as it comes.
    enum class Mood { any, accepting, resetting, silent, unreachable };

    AttemptResult result_of(const AttemptRequest& request) {
        const Answer answer = answer_of(mood_of(request.url));
        AttemptResult result;
        result.kind = answer.kind;
        result.cause = answer.cause;
        result.http_status = answer.http_status;
        result.sent = answer.sent;
        if (answer.http_status == 503 && random_() % 2 == 0) {
            result.retry_after = Seconds{random_() % 100};
        }
        // One that accepted reports, perhaps; one that could not be understood, too.
        const bool accepted = answer.kind == AttemptResult::Kind::accepted;
        if (answer.sent && random_() % (accepted ? 4 : 16) < (accepted ? 3U : 1U)) {
            reports_.push_back({deployment_of(request.schedule), random_() % 3 != 0});
        }
        return result;
    }

    Mood mood_of(const std::string& url) {
        Mood& mood = moods_[url];
        if (random_() % 40 == 0) mood = static_cast<Mood>(random_() % 5);
        return mood;
    }

    Answer answer_of(Mood mood) {
        using Kind = AttemptResult::Kind;
        static constexpr std::array<Answer, 9> kAnswers = {
            {{Kind::accepted, 202},
             {Kind::retryable, 0, AttemptCause::connection_lost},
             {Kind::retryable, 0, AttemptCause::timed_out},
             {Kind::retryable, 0, AttemptCause::connect_failed, false},
             {Kind::retryable, 503},
             {Kind::failed, 400},
             {Kind::succeeded, 200},
             {Kind::succeeded, 200},
             {Kind::succeeded, 200}}};
        if (mood != Mood::any) return kAnswers[static_cast<std::size_t>(mood) - 1];
        return kAnswers[random_() % kAnswers.size()];
    }

    std::mt19937_64& random_;
    std::vector<Report>& reports_;
    Sent sent_;
    std::vector<Attempt> waiting_;
    std::map<std::string, Mood> moods_;
};

}  // namespace slipway
