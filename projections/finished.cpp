#include "projections/finished.h"

#include "eventlog/events/codec.h"
#include "projections/applies.h"

#include <algorithm>

namespace slipway {

namespace {

// More events than any one stream has.
constexpr std::size_t kStreamEventsMax = 1'000'000;

Result<RecordedEvent> read_event(const EventLog& log, Position position) {
    const auto record = log.read(position);
    if (!record) return record.error();
    return decode(position, record->payload);
}

// The first event of the stream, or nothing.
Result<std::optional<RecordedEvent>> first_event(const EventLog& log, Uuid stream) {
    const auto positions = log.stream_positions(stream, Version{1}, 1, Order::ascending);
    if (!positions) return positions.error();
    if (positions->empty()) return std::optional<RecordedEvent>{};
    auto event = read_event(log, positions->front());
    if (!event) return event.error();
    return std::optional<RecordedEvent>{std::move(*event)};
}

}  // namespace

Result<std::unique_ptr<Finished>> Finished::read(const EventLog& log, const State& state,
                                                 ScheduleId id) {
    Uuid root = id.uuid;
    auto first = first_event(log, root);
    while (first && *first) {
        const auto* const scheduled = std::get_if<DeploymentScheduled>(&(*first)->event);
        if (scheduled == nullptr || !scheduled->parent) break;
        root = scheduled->parent->uuid;
        first = first_event(log, root);
    }
    if (!first) return first.error();
    const bool known = *first && (std::holds_alternative<DeploymentScheduled>((*first)->event) ||
                                  std::holds_alternative<DeploymentRequested>((*first)->event));
    if (!known) return std::unique_ptr<Finished>{};
    std::unique_ptr<Finished> finished{new Finished{state}};
    if (auto read = finished->read_tree(log, (*first)->position); !read) return read.error();
    finished->row_ = finished->schedules_.find(id);
    return finished;
}

// A tree is made as one unit, root first: its members begin at positions that follow one another.
Result<void> Finished::read_tree(const EventLog& log, Position first) {
    std::vector<Position> positions;
    for (Position at = first;; ++at.value) {
        if (at > log.durable()) break;
        const auto event = read_event(log, at);
        if (!event) return event.error();
        const auto* const scheduled = std::get_if<DeploymentScheduled>(&event->event);
        const bool below = scheduled != nullptr && scheduled->parent;
        if (at != first && !below) break;
        const auto stream = log.stream_positions(event->envelope.stream, Version{1},
                                                 kStreamEventsMax, Order::ascending);
        if (!stream) return stream.error();
        positions.insert(positions.end(), stream->begin(), stream->end());
        if (scheduled == nullptr) break;
    }
    std::sort(positions.begin(), positions.end());
    for (const Position at : positions) {
        const auto event = read_event(log, at);
        if (!event) return event.error();
        std::visit(
            [&]<class E>(const E& fact) {
                if constexpr (AppliesRecorded<Deployments, E>) deployments_.apply(*event, fact);
                if constexpr (AppliesEnveloped<Schedules, E>)
                    schedules_.apply(event->envelope, fact);
            },
            event->event);
    }
    return {};
}

}  // namespace slipway
