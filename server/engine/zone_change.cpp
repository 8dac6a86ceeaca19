#include "server/engine/zone_change.h"

#include "eventlog/base/trace.h"
#include "server/domain/reresolution.h"
#include "server/engine/server_principal.h"
#include "server/engine/timer.h"

#include <algorithm>

namespace slipway {

namespace {

// Whether it is due at another instant; its zone may have changed its name alone.
bool has_moved(const Submitted& submitted) {
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt == nullptr || receipt->events.empty()) return false;
    const auto* const moved = std::get_if<DueTimeReresolved>(&receipt->events.front());
    return moved != nullptr && moved->due_at != moved->old_due_at;
}

}  // namespace

void ZoneChange::take(std::unique_ptr<const Zones> rules) {
    taken_ = std::move(rules);
    begun_ = false;
}

Instant ZoneChange::tick(Instant now) {
    if (!begun_ && !begin()) return now + kIdleWakeMax;
    if (next_ == end_) return now + kIdleWakeMax;
    const Schedules& schedules = lane_.state().schedules();
    const RowIndex last = next_ + std::min(end_ - next_, rows_per_tick_);
    for (std::size_t moves = 0; next_ < last && moves < kMovesPerZoneTick; ++next_) {
        const ScheduleRow& row = schedules.at(next_);
        if (row.id.is_nil() || !may_move(lane_.state(), row, now, zones_)) continue;
        const auto zone = zone_of(lane_.state(), row, zones_);
        if (!zone) ++lost_[schedules.timezone(row)];
        if (!zone || is_settled(lane_.state(), row, *zone)) continue;
        const Submitted submitted = lane_.submit(ReresolveDueTime{row.id}, kServerPrincipal);
        // The log takes no more for now. This one is looked at again.
        if (std::holds_alternative<Error>(submitted)) return now + kBusyWait;
        ++moves;
        if (has_moved(submitted)) ++moved_;
    }
    if (next_ < end_) return now;
    finish();
    return now + kIdleWakeMax;
}

// False: it could not be recorded, and the rules before stay in force.
bool ZoneChange::begin() {
    const Zones& next = taken_ ? *taken_ : zones_;
    const ChangeZoneRules command{std::string{next.version()}, next.digest()};
    const Submitted submitted = lane_.submit(command, kServerPrincipal);
    if (std::holds_alternative<Error>(submitted)) return false;
    if (taken_) zones_.replace(std::move(taken_));
    zones_.call(lane_.state().installation().zone_rules());
    const auto* const receipt = std::get_if<Receipt>(&submitted);
    if (receipt != nullptr && !receipt->events.empty()) {
        const auto& changed = std::get<ZoneRulesChanged>(receipt->events.front());
        trace(TraceLevel::info,
              "zones: the rules are those of " + changed.to +
                  (changed.from.empty() ? "" : " after those of " + changed.from));
    }
    begun_ = true;
    next_ = 0;
    end_ = lane_.state().schedules().end_of_rows();
    moved_ = 0;
    lost_.clear();
    return true;
}

void ZoneChange::finish() {
    const std::string rules = "zones: by the rules of " + std::string{zones_.version()} + " ";
    if (moved_ > 0) {
        trace(TraceLevel::info, rules + std::to_string(moved_) +
                                    " schedules, and what must be deployed before them, are due "
                                    "at another instant");
    }
    for (const auto& [zone, schedules] : lost_) {
        trace(TraceLevel::warning, rules + "there is no zone " + zone +
                                       " any more: " + std::to_string(schedules) +
                                       " schedules keep their instants; reschedule them");
    }
}

}  // namespace slipway
