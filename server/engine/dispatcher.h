// The dispatcher carries out what is due: it starts attempts, hands out their requests once
// their intent is durable, and takes the results back through the lane.
//
//   DeploymentDue ─┐                              ┌─ no share free: waits for its turn
//   resend ────────┼─► queue (attempt_queue.h) ───┤
//   retry ─► pause ┘                              └─► StartAttempt ┄durable┄► request ─► result
//                                                          │
//                                 dispatch held: withheld ─┘ until it is armed
//
// An attempt is started only when its connection is free, so that the instant of its AttemptStarted
// is the sending, but for the time that the log takes. Pauses are kept on the monotonic clock: a
// wall clock that is set neither shortens nor lengthens them.
//
// Events are observed and only noted: what is to be submitted is, from tick() and record().
//
// It holds nothing that the state does not: after a restart it is filled from the state, and
// attempts that were under way are reconciled before anything is sent again. Not thread-safe: the
// lane's thread.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/time.h"
#include "server/engine/attempt_queue.h"
#include "server/engine/command_lane.h"
#include "server/engine/target_secrets.h"
#include "server/targets/executor.h"

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

// A request for the courier to send (server/targets/courier.h).
struct OutgoingRequest {
    DeploymentId deployment;
    Position token;
    const Executor* executor = nullptr;  // of the target's kind; outlives the engine
    Ask ask;
    Keys keys;
};

// What is to be sent, and the tokens of what is to be given up: its result is not waited for.
struct Requests {
    std::vector<OutgoingRequest> to_send;
    std::vector<Position> to_give_up;

    bool empty() const { return to_send.empty() && to_give_up.empty(); }
};

// What the target that `row` runs on is shown; null if it names nothing, or what is no more.
const Credential* credential_of(const State& state, RowIndex row);

class Dispatcher {
  public:
    using CallbackUrl = std::function<std::string(DeploymentId)>;

    // All outlive this. `clock` is the lane's.
    Dispatcher(CommandLane& lane, const Kinds& kinds, const TargetSecrets& secrets,
               const Clock& clock, AttemptLimits limits = {}, CallbackUrl callback_url = {});

    // `sent` is called as the first attempt of a deployment leaves, with the time since it was due.
    void on_first_sent(std::function<void(Millis since_due)> sent) {
        first_sent_ = std::move(sent);
    }

    // Takes up what the state says is open. Call once, after the replay and before the first tick.
    void recover();

    // Starts what is ready, as far as the limits allow. Returns when to call it next, or kNever if
    // only an event can bring something.
    Instant tick(Instant now);

    // Takes what was to be sent or given up since the last call.
    Requests take_requests() { return std::exchange(requests_, {}); }
    bool has_requests() const { return !requests_.empty(); }
    // The answer to a request that was taken: it ends the attempt, or leads to the next request.
    // The answer to one that was given up meanwhile is ignored.
    void record(DeploymentId id, Position token, const Answer& answer);

    // Starts nothing any more. `drained` is called, once, when nothing is under way.
    void stop(std::function<void()> drained);

    // For what the deployment waits, in a word of the API; empty if it waits for nothing. Requires:
    // `row` is in use.
    std::string_view waits_for(RowIndex row) const;

    const AttemptLimits& limits() const { return shares_.limits(); }
    std::size_t under_way() const { return under_way_.size(); }
    std::size_t pausing() const { return pauses_.size(); }
    std::size_t queued() const { return queue_.size(); }
    // How long the first in the queue has waited. A step for each app that has any there.
    std::chrono::nanoseconds oldest_wait() const;

  private:
    enum class Ready : std::uint8_t { in_queue, in_pause };
    struct UnderWay {
        Position token;
        AttemptOwner owner;
        bool sent = false;
        std::uint8_t step = 0;  // of the request that is under way
        std::size_t asks = 0;   // requests so far
    };

    void observe(const RecordedEvent& recorded);
    void add_ready(DeploymentId id, Millis pause, Position position);
    void enqueue(DeploymentId id, Moment since);
    bool start(const ReadyAttempt& ready);
    void send(DeploymentId id, Position token);
    void send_withheld();
    void give_up(DeploymentId id);
    void take_back(Position token);
    void finish(RecordOutcome outcome);
    void leave(DeploymentId id);
    void retry_outcomes();
    void tell_if_drained();
    bool hand_out(DeploymentId id, Ask ask);
    AttemptOwner owner_of(RowIndex row) const;
    const Executor& executor_of(RowIndex row) const;
    Work work_for(DeploymentId id, Position token) const;
    Result<Keys> keys_for(DeploymentId id) const;
    Result<Authorization> authorize(DeploymentId id) const;

    CommandLane& lane_;
    const Kinds& kinds_;
    const TargetSecrets& secrets_;
    const Clock& clock_;
    const CallbackUrl callback_url_;
    Requests requests_;
    AttemptShares shares_;
    AttemptQueue queue_{shares_};
    absl::btree_set<std::pair<Moment, DeploymentId>> pauses_;  // by their end
    absl::flat_hash_map<DeploymentId, Ready> ready_;
    absl::flat_hash_map<DeploymentId, UnderWay> under_way_;
    std::vector<DeploymentId> withheld_;    // their intent is durable, and dispatch is held
    std::deque<RecordOutcome> unrecorded_;  // the log took no more; tried again at the next tick
    bool recover_due_ = false;
    bool stopping_ = false;
    std::function<void()> drained_;
    std::function<void(Millis)> first_sent_;
};

}  // namespace slipway
