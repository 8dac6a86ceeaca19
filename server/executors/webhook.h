// The WebhookExecutor carries an attempt out by a signed POST (Standard Webhooks 1.0.0). It sends
// at once whatever it is given: who starts attempts keeps the limits (see
// runtime/attempt_shares.h).

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/http_client.h"
#include "server/executors/executor.h"

#include <cstddef>
#include <map>
#include <optional>
#include <variant>

namespace slipway {

class WebhookExecutor : public Executor {
  public:
    WebhookExecutor(HttpClient& client, const Clock& clock) : client_(client), clock_(clock) {}

    // Gives up what is under way, without an answer.
    ~WebhookExecutor() override;
    WebhookExecutor(const WebhookExecutor&) = delete;
    WebhookExecutor& operator=(const WebhookExecutor&) = delete;

    void start(AttemptRequest request, Done done) override;
    void cancel(Position token) override;

    std::size_t under_way() const { return under_way_.size(); }

  private:
    struct UnderWay {
        std::uint64_t call = 0;
        std::optional<Authorization> authorization;
        Done done;
    };

    void answered(Position token, const std::variant<HttpResponse, HttpError>& answer);

    HttpClient& client_;
    const Clock& clock_;
    std::map<Position, UnderWay> under_way_;  // by token
};

}  // namespace slipway
