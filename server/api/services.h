// What handlers may use. All of it belongs to the io thread.

#pragma once

#include "eventlog/base/background_job.h"
#include "eventlog/base/clock.h"
#include "eventlog/base/disk_worker.h"
#include "eventlog/log/event_log.h"
#include "server/api/backups.h"
#include "server/api/figures.h"
#include "server/api/idempotency.h"
#include "server/api/rate_limits.h"
#include "server/api/token_cache.h"
#include "server/auth/credential_keys.h"
#include "server/auth/jwt.h"
#include "server/domain/permission.h"
#include "server/engine/engine.h"
#include "server/http/cors.h"
#include "server/http/message.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

struct Services {
    Engine& engine;
    const Clock& clock;
    TokenCache& tokens;
    const TargetSecrets& secrets;
    CredentialKeys& credential_keys;
    Idempotency& idempotency;
    RateLimits& rate_limits;
    RateLimits& key_changes;
    DiskWorker& disk_worker;
    Figures& figures;
    BackgroundJob& dump_job;
    Backups& backups;
    // Asks every stream that waits for more to look again. From any thread.
    std::function<void()> wake_streams;

    bool allow_http_targets = false;
    bool allow_private_targets = false;
    bool public_metrics = false;   // no token is asked for
    std::string public_path = {};  // below which a proxy shows the server; empty: at its root
    Cors cors = {};

    // Set when the server begins to stop: what is under way is finished, and targets may report how
    // it ended; nothing else is taken.
    bool draining = false;
    // A scrub found that what is on the disk is no longer what was written.
    bool log_is_damaged = false;

    // When the newest of the events that are known was recorded.
    Instant newest_recorded{};
    // How far the clock is behind that; 0 if it is not.
    std::chrono::milliseconds clock_behind() const {
        return std::max(newest_recorded - clock.now(), std::chrono::milliseconds{0});
    }
};

// A clock may be set back by so much without a word: time servers do so.
inline constexpr std::chrono::seconds kClockBehindMax{60};

// What a request has recorded so far.
struct Changes {
    std::optional<Position> last_unit;  // the end of its last unit of the log; nothing: no change
};

// One request on its way through a handler. A copy of it, which may act for another team, adds to
// the same changes.
struct Call {
    const Request& request;
    Services& services;
    Changes& changes;
    Principal principal;
    std::optional<Role> token_role;   // an API token's, in principal.team and nowhere else
    std::optional<TeamId> only_team;  // the token acts for this team and for no other
    std::optional<RateLimits::Verdict> rate;
    Origin origin;                        // what events remember of the request
    std::vector<std::string> parameters;  // what stood in place of {…} in the path, in order
    std::uint64_t key_sets = 0;           // see Answering
    std::shared_ptr<Errand> errand = {};  // that the handler asked for, and that was run
    bool shows_anew = false;              // a repetition: it only shows the object as it is now

    const State& state() const { return services.engine.state(); }
    TeamId team() const { return principal.team; }
};

// A function that answers a call, and its name: that of the operation in openapi.yaml.
struct Operation {
    Reply (*answer)(const Call& call);
    std::string_view name;
};

// The name of a function, as it stands in the source.
template <auto Function>
consteval std::string_view function_name() {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_prefix(text.find("Function = "));
    text = text.substr(0, text.find_first_of(";]"));
    return text.substr(text.find_last_of(" &:") + 1);
}

template <auto Function>
inline constexpr Operation kBy{Function, function_name<Function>()};

}  // namespace slipway
