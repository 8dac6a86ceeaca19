#include "server/process/outcome_traces.h"

#include "eventlog/base/overloaded.h"
#include "projections/status_text.h"

namespace slipway {

namespace {

constexpr Seconds kTickPause{60};
// Lines of one tick; how many more there are is said in one line.
constexpr std::size_t kTracesMax = 100;

// "sched_… of app web (app_…) failed: attempt 3: …"
std::string text_of(const State& state, RowIndex row, std::string_view what) {
    const Schedules& schedules = state.schedules();
    const ScheduleRow& found = schedules.at(row);
    const App& app = schedules.app_of(found);
    const std::string id = found.at_once ? deployment_of(found.id).text() : found.id.text();
    return id + " of app " + app.definition().name + " (" + app.id.text() + ") " +
           std::string{what} + ": " + status_note(view_of(state), row);
}

}  // namespace

void OutcomeTraces::observe(const RecordedEvent& recorded) {
    const Instant now = recorded.envelope.recorded_at;
    const auto warn = [&](ScheduleId id, std::string_view what) {
        const RowIndex row = state_.schedules().find(id);
        if (row != kNoRow && has_room(now)) warn_(text_of(state_, row, what));
    };
    std::visit(Overloaded{
                   [&](const DeploymentFailed& e) { warn(schedule_of(e.deployment), "failed"); },
                   [&](const DeploymentMissed& e) { warn(e.schedule, "was missed"); },
                   [&](const OutcomeUnknown& e) {
                       warn(schedule_of(e.deployment), "has an unknown outcome");
                   },
                   [&](const DeploymentHeld& e) {
                       const RowIndex row = state_.schedules().find(e.schedule);
                       // A tick finds those whose time comes later.
                       const bool is_past =
                           row != kNoRow && state_.schedules().at(row).due_at <= looked_until_;
                       if (is_past && has_room(now)) trace_held(row);
                   },
                   [](const auto&) {},
               },
               recorded.event);
}

bool OutcomeTraces::has_room(Instant now) {
    const Instant second = date::floor<Seconds>(now);
    if (std::exchange(second_, second) != second) lines_ = 0;
    if (lines_ < kLinesPerSecondMax) {
        ++lines_;
        return true;
    }
    ++untold_;
    return false;
}

void OutcomeTraces::trace_held(RowIndex row) const {
    warn_(text_of(state_, row,
                  "is held, and was due at " + to_text(state_.schedules().at(row).due_at)));
}

Instant OutcomeTraces::tick(Instant now) {
    // A clock that was set back must not silence it.
    if (now < next_ && next_ - now <= kTickPause) return next_;
    next_ = now + kTickPause;
    if (untold_ > 0) {
        warn_(std::to_string(std::exchange(untold_, 0)) +
              " more deployments failed, were missed, were held past their time or have an unknown "
              "outcome");
    }
    const Instant until = now - kHeldLong;
    trace_held_since_last(until);
    looked_until_ = std::max(looked_until_, until);
    return next_;
}

void OutcomeTraces::trace_held_since_last(Instant until) const {
    const DueQueue& held = state_.schedules().held();
    std::size_t count = 0;
    auto entry = held.from({looked_until_, kNoRow});
    for (; entry != held.end() && entry->at <= until && count < kCountedMax; ++entry) {
        if (++count <= kTracesMax) trace_held(entry->row);
    }
    if (count <= kTracesMax) return;
    warn_((count < kCountedMax ? "" : "at least ") + std::to_string(count - kTracesMax) +
          " more schedules are held past their time");
}

}  // namespace slipway
