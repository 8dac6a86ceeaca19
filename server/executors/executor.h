// The port through which deployments are carried out. An executor takes an attempt and answers what
// became of it; it decides nothing about schedules or retries, and remembers nothing across a
// restart.
//
// Not thread-safe: all calls and answers belong to one thread.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/strong.h"
#include "eventlog/base/time.h"
#include "eventlog/events/vocabulary.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

// What a target is shown of a credential.
struct Authorization {
    std::string header;
    std::string value;
    std::string secret;  // what the value is made of; nothing that is kept has either
};

struct AttemptRequest {
    ScheduleId schedule;
    Position token;  // the fencing token: the position of its AttemptStarted
    std::uint32_t number = 1;
    std::string url;
    Seconds timeout{30};
    std::string body;  // JSON
    std::string traceparent;
    std::vector<std::string> signing_secrets;    // raw bytes, newest first; each signs
    std::optional<Authorization> authorization;  // what the target is shown
};

struct AttemptResult {
    enum class Kind {
        succeeded,
        accepted,   // the target will report the outcome
        retryable,  // the same request may be sent again
        failed,
    };

    Kind kind = Kind::failed;
    AttemptCause cause = AttemptCause::answered;
    int http_status = 0;  // 0: none
    bool sent = false;    // whether the target may know of the attempt
    std::optional<Seconds> retry_after;
    std::string reference;  // where an accepted attempt can be asked about, if the target said so
    std::string detail;     // at most kDetailBytesMax of printable UTF-8
};

// Enough for the first line of what a target has to say, and little enough to keep for ever.
inline constexpr std::size_t kDetailBytesMax = 500;

class Executor {
  public:
    using Done = std::function<void(AttemptResult)>;

    virtual ~Executor() = default;

    // Sends the attempt at once; nothing waits here. Calls `done` once, and never from within
    // start() or cancel(), so that both may be called while events are being observed. `done` may
    // call both.
    virtual void start(AttemptRequest request, Done done) = 0;

    // Gives the attempt up; its `done` is not called any more. It is not an error if it has ended.
    virtual void cancel(Position token) = 0;
};

}  // namespace slipway
