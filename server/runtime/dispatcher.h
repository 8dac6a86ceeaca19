// The dispatcher carries out what is due: it starts attempts, hands them to the executor once their
// intent is durable, and brings the outcomes back through the lane.
//
//   DeploymentDue ─┐                       ┌─ full: parked until one of that app or team ends
//   retry at ──────┼─► ready (by instant) ─┤
//   resend ────────┘                       └─► StartAttempt ┄durable┄► executor ─► RecordOutcome
//                                                              │
//                                     dispatch held: withheld ─┘ until it is armed
//
// It holds nothing that the state does not: after a restart it is filled from the state, and
// attempts that were under way are reconciled before anything is sent again. Not thread-safe: the
// lane's thread.

#pragma once

#include "eventlog/base/time.h"
#include "server/executors/executor.h"
#include "server/runtime/command_lane.h"

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

// What a request to a target carries and the log must not.
class TargetSecrets {
  public:
    virtual ~TargetSecrets() = default;

    // The keys that sign for `app` now, newest first: during a rotation there are two.
    virtual std::vector<std::string> signing_secrets(const App& app, Instant now) const = 0;
    virtual std::string callback_token(DeploymentId id) const = 0;
    // Errors: not_found (its key is gone for good), io.
    virtual Result<Authorization> authorization(const Credential& credential) const = 0;
};

// What the target that `row` runs on is shown; null if it names nothing, or what is no more.
const Credential* credential_of(const State& state, RowIndex row);

class Dispatcher {
  public:
    struct Options {
        std::size_t attempts_max = 1'000;         // under way at once, over all apps
        std::size_t attempts_per_team_max = 250;  // so that a busy team leaves room for the others
        std::size_t attempts_per_app_max = 64;    // and a slow target
    };

    Dispatcher(CommandLane& lane, Executor& executor, const TargetSecrets& secrets,
               Options options);

    // Where targets call back; no slash at the end. Call before recover().
    void set_public_url(std::string url) { public_url_ = std::move(url); }

    // Takes up what the state says is open. Call once, after the replay and before the first tick.
    void recover();

    // Starts what is ready, as far as the limits allow. Returns when to call it next, or kNever if
    // only an event can bring something.
    Instant tick(Instant now);

    // Starts nothing any more. `drained` is called, once, when nothing is under way.
    void stop(std::function<void()> drained);
    std::size_t under_way() const { return under_way_.size(); }
    std::size_t ready() const { return ready_.size(); }
    // A step for each app and team that has anything.
    std::size_t parked() const;

  private:
    struct Ready {
        Instant at;
        DeploymentId id;
        AppId app;
        TeamId team;
        friend auto operator<=>(const Ready&, const Ready&) = default;
    };
    struct UnderWay {
        Position token;
        AppId app;
        TeamId team;
        bool sent = false;
    };
    // What an app or a team has of the dispatcher.
    struct Share {
        std::size_t under_way = 0;
        absl::btree_set<Ready> parked;
    };

    void observe(const RecordedEvent& recorded);
    void add_ready(DeploymentId id, Instant at, Position position);
    bool start(const Ready& ready, Instant now);
    bool park(const Ready& ready);
    template <class SomeId>
    void unpark(absl::flat_hash_map<SomeId, Share>& shares, SomeId of, std::size_t max);
    void unpark(AppId app, TeamId team);
    void send(DeploymentId id, Position token);
    void withhold();
    void send_withheld();
    void give_up(DeploymentId id);
    void finish(RecordOutcome outcome);
    void leave(DeploymentId id);
    void retry_outcomes();
    AttemptRequest request_for(DeploymentId id, Position token) const;
    Result<Authorization> authorize(DeploymentId id) const;

    CommandLane& lane_;
    Executor& executor_;
    const TargetSecrets& secrets_;
    const Options options_;
    std::string public_url_;
    absl::btree_set<Ready> ready_;
    absl::flat_hash_map<DeploymentId, UnderWay> under_way_;
    absl::flat_hash_map<AppId, Share> of_app_;
    absl::flat_hash_map<TeamId, Share> of_team_;
    std::vector<DeploymentId> withheld_;    // their intent is durable, and dispatch is held
    std::deque<RecordOutcome> unrecorded_;  // the log took no more; tried again at the next tick
    bool recover_due_ = false;
    bool stopping_ = false;
    std::function<void()> drained_;
};

}  // namespace slipway
