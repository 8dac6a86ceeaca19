// Idempotency keys: a client that got no answer asks again with the same key, and is told what it
// would have been told, once and for all. What was answered is kept beside the events that it
// speaks of, and becomes durable with them: after a crash there are both or neither.
//
// Two requests are the same if method, path, parameters and team are, and their bodies are the same
// JSON value: the order of members and parameters, blanks, escapes and the spelling of a number
// (1, 1.0, 10e-1) mean nothing.
//
// Only changes are remembered. What was refused changed nothing, and may be asked again.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/digest.h"
#include "server/engine/engine.h"
#include "server/http/message.h"

#include <absl/container/flat_hash_map.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// 1 to 255 visible ASCII characters.
bool is_idempotency_key(std::string_view key);

class Idempotency {
  public:
    // A request with a key, as it is remembered.
    struct Keyed {
        Digest name{};     // of the key and of who uses it
        Digest request{};  // of all that the answer depends on
        Digest as_sent{};  // of the same byte for byte, as release 0.1.0 remembered it
    };

    // `key` seals what is kept: an answer may hold a secret. `boot` names the run of the machine
    // that clock.monotonic() counts in, over restarts of this process. While it stays the same, the
    // age of a key is measured by that clock: whoever sets the wall clock does not make a key new.
    Idempotency(Engine& engine, const Clock& clock, std::string key, std::string boot)
        : engine_(engine), clock_(clock), key_(std::move(key)), boot_(std::move(boot)) {}

    // `scope` tells those apart who may use the same key.
    static Keyed keyed(const Request& request, std::string_view scope, TeamId team);

    // An answer, and the end of the last unit of the log that was recorded for it. No unit: nothing
    // changed.
    struct Answer {
        Reply reply;
        std::optional<Position> unit;
    };

    // Answers as `act` does, which may change something; if the key is known, as it was answered
    // the first time. A problem if the key was used for another request, or if it cannot be known.
    Reply once(const Request& request, const Keyed& keyed, const std::function<Answer()>& act);

  private:
    std::optional<Reply> earlier(const Request& request, const Keyed& keyed) const;
    void remember(const GroupCommit::Together& together, const Keyed& keyed, const Reply& reply,
                  Position unit);

    Engine& engine_;
    const Clock& clock_;
    std::string key_;
    std::string boot_;
    // What is not durable yet, and so cannot be read from the log.
    absl::flat_hash_map<std::string, std::string> pending_;
};

}  // namespace slipway
