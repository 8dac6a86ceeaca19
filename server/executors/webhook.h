// The WebhookExecutor carries an attempt out by a signed POST (Standard Webhooks 1.0.0).
//
// It holds the limits of what is sent at once, over all and for each target (scheme, host and
// port). What is over them waits; targets take turns, so that a slow one holds up only its own
// attempts.
//
//   start ─► waiting (a queue a target) ─► under way ─► done
//               └────────── cancel ────────────┘

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/http_client.h"
#include "server/executors/executor.h"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

class WebhookExecutor : public Executor {
  public:
    struct Options {
        // Open connections, over all targets: as many as the dispatcher has under way, since what
        // waited here for targets that hang would wait whosever it is.
        std::size_t under_way_max = 1'000;
        std::size_t under_way_per_target_max = 32;  // what a modest receiver takes at once
        std::size_t waiting_max = 10'000;           // bodies kept in memory, over all targets
        std::size_t response_bytes_max = 64 << 10;  // only its first line is of interest
    };

    WebhookExecutor(HttpClient& client, const Clock& clock, Options options);

    // Gives up what is under way, without an answer.
    ~WebhookExecutor() override;
    WebhookExecutor(const WebhookExecutor&) = delete;
    WebhookExecutor& operator=(const WebhookExecutor&) = delete;

    void start(AttemptRequest request, Done done) override;
    void cancel(Position token) override;
    std::vector<Position> take_back() override;

    std::size_t under_way() const { return under_way_.size(); }
    std::size_t waiting() const { return waiting_at_.size(); }

  private:
    struct Waiting {
        AttemptRequest request;
        Done done;
    };
    struct Target {
        std::deque<Waiting> waiting;
        std::size_t under_way = 0;
        bool in_turn = false;
    };
    using Targets = std::map<std::string, Target>;
    struct UnderWay {
        Targets::iterator target;
        std::uint64_t call = 0;
        std::optional<Authorization> authorization;
        Done done;
    };

    void take_turn(Targets::iterator target);
    void send_next();
    std::optional<AttemptResult> send(Targets::iterator target, Waiting& first);
    void answered(Position token, const std::variant<HttpResponse, HttpError>& answer);
    void leave(std::map<Position, UnderWay>::iterator attempt);
    void forget_if_idle(Targets::iterator target);

    HttpClient& client_;
    const Clock& clock_;
    const Options options_;
    Targets targets_;                         // those with an attempt
    std::deque<Targets::iterator> turns_;     // those that wait and have room, in turn
    std::map<Position, UnderWay> under_way_;  // by token
    std::map<Position, Targets::iterator> waiting_at_;
};

}  // namespace slipway
