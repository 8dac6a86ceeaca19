// Targets that do what targets do: answer in any order, late, wrongly, more than once or never, and
// report what is so, what is not, or what they have reported before. One thread, no network.

#pragma once

#include "server/engine/dispatcher.h"

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
    using Done = std::function<void(const Answer&)>;
    using Sent = std::function<void(const OutgoingRequest&)>;

    // `sent` hears of each attempt as it leaves. What will be reported comes to `reports`.
    SimulatedTargets(std::mt19937_64& random, std::vector<Report>& reports, Sent sent)
        : random_(random), reports_(reports), sent_(std::move(sent)) {}

    // Calls `done` when the attempt ends, unless it is given up.
    void send(OutgoingRequest request, Done done) {
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
        ended.done(answer_to(ended.request));
    }

  private:
    struct Attempt {
        OutgoingRequest request;
        Done done;
    };
    struct Reply {
        int http_status;  // 0: none came
        HttpFailure failure = HttpFailure::connect_failed;
        bool sent = true;
    };
    // How a target is just now; the first is as it comes.
    enum class Mood { any, accepting, resetting, silent, unreachable };

    Answer answer_to(const OutgoingRequest& request) {
        const Reply reply = reply_of(mood_of(request.ask.request.url));
        Answer answer{HttpError{reply.failure, reply.sent, {}}, {}, {}};
        if (reply.http_status != 0) answer.reply = HttpResponse{reply.http_status, {}, {}};
        if (reply.http_status == 503 && random_() % 2 == 0) {
            answer.retry_after = Seconds{random_() % 100};
        }
        // One that accepted reports, perhaps; one that could not be understood, too.
        const bool accepted = reply.http_status == 202;
        if (reply.sent && random_() % (accepted ? 4 : 16) < (accepted ? 3U : 1U)) {
            reports_.push_back({request.deployment, random_() % 3 != 0});
        }
        return answer;
    }

    Mood mood_of(const std::string& url) {
        Mood& mood = moods_[url];
        if (random_() % 40 == 0) mood = static_cast<Mood>(random_() % 5);
        return mood;
    }

    Reply reply_of(Mood mood) {
        static constexpr std::array<Reply, 9> kReplies = {{{202},
                                                           {0, HttpFailure::connection_lost},
                                                           {0, HttpFailure::timed_out},
                                                           {0, HttpFailure::connect_failed, false},
                                                           {503},
                                                           {400},
                                                           {200},
                                                           {200},
                                                           {200}}};
        if (mood != Mood::any) return kReplies[static_cast<std::size_t>(mood) - 1];
        return kReplies[random_() % kReplies.size()];
    }

    std::mt19937_64& random_;
    std::vector<Report>& reports_;
    Sent sent_;
    std::vector<Attempt> waiting_;
    std::map<std::string, Mood> moods_;
};

}  // namespace slipway
