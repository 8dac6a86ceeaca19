// The Courier sends the requests of all kinds of targets; nothing else sends to a target. It signs
// each request as it leaves, lets the head of the answer decide, and reads Retry-After. It queues
// nothing: the limits are kept by the dispatcher (see server/engine/attempt_shares.h). The address
// filter and TLS are the HttpClient's, which follows no redirect and sends nothing twice.
//
// Not thread-safe: all calls and answers belong to one thread, the client's.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/http_client.h"
#include "server/targets/executor.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <variant>

namespace slipway {

// Only the beginning of an answer is read: what is kept of it is shorter still.
inline constexpr std::size_t kAnswerBytesMax = 64 << 10;

class Courier {
  public:
    using Done = std::function<void(Answer)>;

    // Both outlive the courier.
    Courier(HttpClient& client, const Clock& clock) : client_(client), clock_(clock) {}

    // Gives up the requests that are under way. Their `done` is not called.
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    // Sends `ask` at once, signed by `executor` with `keys`. Calls `done` once, after this has
    // returned; errors arrive as an Answer. `done` may call carry() and cancel().
    // Requires: nothing of `token` is under way. `executor` lives until `done` is called.
    void carry(Position token, const Executor& executor, Ask ask, Keys keys, Done done);

    // Gives the request of `token` up; its `done` is not called any more. It is not an error if it
    // has been answered.
    void cancel(Position token);

    std::size_t under_way() const { return under_way_.size(); }

  private:
    struct UnderWay {
        std::uint64_t call = 0;
        std::optional<Authorization> authorization;
        Done done;
    };

    void answered(Position token, std::variant<HttpResponse, HttpError> reply);

    HttpClient& client_;
    const Clock& clock_;
    std::map<Position, UnderWay> under_way_;  // by token
};

}  // namespace slipway
