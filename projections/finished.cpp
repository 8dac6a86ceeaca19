#include "projections/finished.h"

#include "eventlog/events/codec.h"
#include "projections/applies.h"
#include "projections/replay.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>

namespace slipway {

namespace {

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

Result<bool> Finished::step() {
    switch (stage_) {
        case Stage::find_root:
            return find_root();
        case Stage::list_members:
            return list_member();
        case Stage::list_stream:
            return list_stream();
        case Stage::apply:
            return apply_next();
    }
    return false;
}

Result<bool> Finished::find_root() {
    const auto first = first_event(log_, root_);
    if (!first) return first.error();
    if (!*first) return false;
    const Event& event = (*first)->event;
    const auto* const scheduled = std::get_if<DeploymentScheduled>(&event);
    if (scheduled == nullptr && !std::holds_alternative<DeploymentRequested>(event)) return false;
    if (scheduled != nullptr && scheduled->parent) {
        root_ = scheduled->parent->uuid;
        return true;
    }
    member_ = (*first)->position;
    stage_ = Stage::list_members;
    return true;
}

// As DeploymentScheduled promises: the members of a tree begin at positions that follow one
// another, each after the one that it is deployed for.
Result<bool> Finished::list_member() {
    if (is_last_ || member_ > log_.durable()) return begin_applying();
    const auto event = read_event(log_, member_);
    if (!event) return event.error();
    stream_ = event->envelope.stream;
    const auto* const scheduled = std::get_if<DeploymentScheduled>(&event->event);
    const bool is_below =
        scheduled != nullptr && scheduled->parent && tree_.contains(scheduled->parent->uuid);
    if (stream_ != root_ && !is_below) return begin_applying();
    tree_.insert(stream_);
    is_last_ = scheduled == nullptr;  // a deployment at once has nothing below it
    listed_ = 0;
    ++member_.value;
    stage_ = Stage::list_stream;
    return true;
}

Result<bool> Finished::list_stream() {
    const Version from{static_cast<std::uint32_t>(listed_ + 1)};
    const auto found = log_.stream_positions(stream_, from, kPositionsPerStep, Order::ascending);
    if (!found) return found.error();
    positions_.insert(positions_.end(), found->begin(), found->end());
    listed_ += found->size();
    if (found->size() < kPositionsPerStep) stage_ = Stage::list_members;
    return true;
}

bool Finished::begin_applying() {
    std::sort(positions_.begin(), positions_.end());
    stage_ = Stage::apply;
    return true;
}

Result<bool> Finished::apply_next() {
    if (applied_ == positions_.size()) return false;
    const auto event = read_event(log_, positions_[applied_]);
    if (!event) return event.error();
    std::visit(
        [&]<class E>(const E& fact) {
            if constexpr (AppliesRecorded<Deployments, E>) deployments_.apply(*event, fact);
            if constexpr (AppliesEnveloped<Schedules, E>) schedules_.apply(event->envelope, fact);
        },
        event->event);
    return ++applied_ < positions_.size();
}

}  // namespace slipway
