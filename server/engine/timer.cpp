#include "server/engine/timer.h"

#include "eventlog/base/trace.h"

#include <algorithm>

namespace slipway {

Instant Timer::tick(Instant now) {
    const Principal timer{Actor{ActorKind::timer, {}, {}}, {}, false};
    for (std::size_t i = 0; i < kDuePerTickMax; ++i) {
        const auto entry = lane_.state().next_wake();
        if (!entry) return now + kIdleWakeMax;
        if (entry->at > now) return std::min(entry->at, now + kIdleWakeMax);
        const ScheduleId id = lane_.state().schedules().at(entry->row).id;
        const Submitted submitted = lane_.submit(Wake{id}, timer);
        if (std::holds_alternative<Error>(submitted)) return now + kBusyWait;
        if (const auto* const rejection = std::get_if<Rejection>(&submitted)) {
            // The lane's clock may be a little behind ours: the wall clock was set back meanwhile.
            trace(TraceLevel::debug, "timer: " + rejection->detail);
            return now + kBusyWait;
        }
    }
    return now;
}

}  // namespace slipway
