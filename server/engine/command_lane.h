// The command lane: the one place where commands are decided, one after another, against the newest
// state. What was decided is applied at once and handed to the log; whoever asked is answered only
// when it is durable. HTTP, timer, executors and tools all come in here.
//
//   submit ─► decide ─► apply ─► log.append ┄┄(commit thread: fsync)┄┄► durable_up_to
//                                                                            └─► when_durable
//
// Not thread-safe: lane, state and all callbacks belong to one thread.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/result.h"
#include "eventlog/base/turn.h"
#include "eventlog/log/event_log.h"
#include "projections/state.h"
#include "server/domain/decide.h"
#include "server/engine/pending_changes.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

// What was decided, and the position up to which the log must be durable before anybody hears of
// it.
struct Receipt {
    Position position;
    std::vector<Event> events;  // none: what was asked for was so already

    // The end of the unit of the log that holds the events; nothing if there are none.
    std::optional<Position> unit() const {
        return events.empty() ? std::nullopt : std::optional{position};
    }
};

// The request that a command came in, as far as its events remember it.
struct Origin {
    std::string request_id;
    std::string idempotency_key_digest;  // 32 bytes, or empty
    std::string traceparent;
};

using Submitted = std::variant<Receipt, Rejection, Error>;

class CommandLane {
  public:
    using Observer = std::function<void(const RecordedEvent&)>;
    using Waiter = std::function<void(const Result<void>&)>;

    CommandLane(State& state, EventLog& log, const Clock& clock, IdSource& ids, const Zones& zones,
                const TargetRules& targets, const Quotas& quotas = {})
        : state_(state),
          log_(log),
          clock_(clock),
          ids_(ids),
          zones_(zones),
          targets_(targets),
          quotas_(quotas) {}

    // Decides `command`, applies its events and appends them as one unit, with the urgency that the
    // command has (server/domain/urgency.h).
    //
    // Errors: unavailable (the log takes no more for now), indeterminate (it takes nothing any
    // more).
    Submitted submit(const Command& command, const Principal& principal, const Origin& origin = {});

    // What submit() would decide now. Nothing is recorded.
    Decision consider(const Command& command, const Principal& principal) const {
        return decide(state_, command, {clock_.now(), ids_, zones_, targets_, principal, quotas_});
    }

    // Calls `waiter` once all up to `position` is durable: at once if it is and nobody waits for
    // their turn, else later, in order of positions and, for one position, in order of the calls.
    // With an error if it may not be: the process is about to stop.
    void when_durable(Position position, Waiter waiter);

    // Told of each event of a unit once all of the unit is applied, before it is durable. An
    // observer notes what is to be done; it must not submit: a unit would come between another's
    // events and their observers.
    void observe(Observer observer) { observers_.push_back(std::move(observer)); }

    // `kick` is called after an append: it sees to it that log.wake() is called once what is ready
    // now has been decided too, so that all of it shares a sync.
    void on_append(std::function<void()> kick) { kick_ = std::move(kick); }

    // From the commit thread's hand-over. Calls those that wait for no more than `position`, until
    // `turn` is over. Returns whether some still wait: call_waiters() goes on, and must be called.
    bool durable_up_to(Position position, const Turn& turn);
    bool call_waiters(const Turn& turn);
    void fail(const Error& error);

    const State& state() const { return state_; }
    const Quotas& quotas() const { return quotas_; }
    Position durable() const { return durable_; }
    // What the state shows and a crash could still take back.
    const PendingChanges& pending() const { return pending_; }
    void start_at(Position durable) { durable_ = durable; }

  private:
    struct Waiting {
        Position position;
        Waiter waiter;
    };

    Result<Position> append(const Decided& decided, const Context& context, const Origin& origin,
                            Urgency urgency);
    bool has_callable() const { return !waiting_.empty() && waiting_.front().position <= durable_; }
    void call_first(const Result<void>& durable);
    PendingChanges::Part part_of(const RecordedEvent& recorded) const;

    State& state_;
    EventLog& log_;
    const Clock& clock_;
    IdSource& ids_;
    const Zones& zones_;
    const TargetRules& targets_;
    const Quotas quotas_;
    Position durable_;
    std::optional<Error> failed_;
    std::deque<Waiting> waiting_;  // in ascending order of positions
    PendingChanges pending_;
    std::vector<Observer> observers_;
    bool observing_ = false;
    std::function<void()> kick_;
};

}  // namespace slipway
