#include "server/engine/command_lane.h"

#include "eventlog/events/codec.h"
#include "server/domain/urgency.h"

#include <absl/container/flat_hash_map.h>

#include <iterator>

namespace slipway {

Submitted CommandLane::submit(const Command& command, const Principal& principal,
                              const Origin& origin) {
    CHECK(!observing_);
    if (failed_) return *failed_;
    const Context context{clock_.now(), ids_, zones_, targets_, principal, quotas_};
    Decision decision = decide(state_, command, context);
    if (auto* const rejection = std::get_if<Rejection>(&decision)) return std::move(*rejection);
    auto& decided = std::get<Decided>(decision);
    if (decided.events.empty()) return Receipt{state_.position(), {}};
    CHECK(decided.events.size() <= kEventsPerDecisionMax);
    const auto position = append(decided, context, origin, urgency_of(command));
    if (!position) return position.error();
    if (kick_) kick_();
    return Receipt{*position, std::move(decided.events)};
}

Result<Position> CommandLane::append(const Decided& decided, const Context& context,
                                     const Origin& origin, Urgency urgency) {
    std::vector<RecordedEvent> recorded;
    std::vector<NewRecord> records;
    recorded.reserve(decided.events.size());
    records.reserve(decided.events.size());
    absl::flat_hash_map<Uuid, std::uint32_t> earlier;  // events of this unit, by stream
    for (const Event& event : decided.events) {
        const Uuid stream = stream_of(event);
        const Version version{state_.next_version(event).value + earlier[stream]++};
        const Position position{state_.position().value + recorded.size() + 1};
        recorded.push_back(
            {position,
             Envelope{context.now, stream, version, decided.team, context.principal.actor,
                      origin.request_id, origin.idempotency_key_digest, origin.traceparent},
             event});
        records.push_back(
            {stream, version, decided.team.uuid, encode(recorded.back().envelope, event)});
    }
    auto last = log_.append(std::move(records), urgency);
    if (!last) return last;
    CHECK(*last == recorded.back().position);
    for (const RecordedEvent& one : recorded) {
        state_.apply(one);
        pending_.add(one.position, decided.team, one.envelope.stream, part_of(one));
    }
    observing_ = true;
    for (const RecordedEvent& one : recorded) {
        for (const Observer& observer : observers_) observer(one);
    }
    observing_ = false;
    return last;
}

PendingChanges::Part CommandLane::part_of(const RecordedEvent& recorded) const {
    const Uuid stream = recorded.envelope.stream;
    if (stream == recorded.envelope.team.uuid) return PendingChanges::Part::team;
    if (state_.apps().find(AppId{stream}) != nullptr) return PendingChanges::Part::apps;
    return PendingChanges::Part::schedules;
}

void CommandLane::when_durable(Position position, Waiter waiter) {
    if (failed_ && position > durable_) {
        waiter(*failed_);
    } else if (position <= durable_ && !has_callable()) {
        waiter({});
    } else {
        // Nearly always it is the last. A read may wait for less than a change before it.
        auto after = waiting_.end();
        while (after != waiting_.begin() && std::prev(after)->position > position) --after;
        waiting_.insert(after, {position, std::move(waiter)});
    }
}

bool CommandLane::durable_up_to(Position position, const Turn& turn) {
    durable_ = position;
    pending_.durable_up_to(position);
    return call_waiters(turn);
}

bool CommandLane::call_waiters(const Turn& turn) {
    while (has_callable()) {
        call_first({});
        if (turn.is_over()) break;
    }
    return has_callable();
}

void CommandLane::call_first(const Result<void>& durable) {
    const Waiter waiter = std::move(waiting_.front().waiter);
    waiting_.pop_front();
    waiter(durable);
}

void CommandLane::fail(const Error& error) {
    if (failed_) return;
    while (has_callable()) call_first({});
    failed_ = error;
    while (!waiting_.empty()) call_first(error);
}

}  // namespace slipway
