#include "server/engine/engine.h"

#include <algorithm>
#include <utility>

namespace slipway {

Engine::Engine(std::unique_ptr<State> state, std::unique_ptr<EventLog> log,
               std::unique_ptr<const Zones> zones, Ports ports, Settings settings)
    : state_(std::move(state)),
      log_(std::move(log)),
      zones_(std::move(zones)),
      kinds_(ports.kinds),
      kind_rules_(kinds_),
      lane_(*state_, *log_, ports.clock, ports.ids, zones_, kind_rules_, settings.quotas),
      dispatcher_(lane_, kinds_, ports.secrets, ports.clock, settings.attempts,
                  std::move(settings.callback_url)),
      zone_change_(lane_, zones_, settings.zone_rows_per_tick),
      timer_(lane_) {
    lane_.start_at(state_->position());
}

Submitted Engine::submit(const Command& command, const Principal& principal, const Origin& origin) {
    return lane_.submit(command, principal, origin);
}

void Engine::when_durable(Position position, CommandLane::Waiter waiter) {
    lane_.when_durable(position, std::move(waiter));
}

Instant Engine::tick(Instant now) {
    // The rules first: the first tick records which rules everything after it is decided by.
    const Instant change = zone_change_.tick(now);
    return std::min({change, timer_.tick(now), dispatcher_.tick(now)});
}

Engine::Figures Engine::figures() const {
    return {.attempts_under_way = dispatcher_.under_way(),
            .pausing = dispatcher_.pausing(),
            .queued = dispatcher_.queued(),
            .oldest_wait = dispatcher_.oldest_wait(),
            .zone_rules_left = zone_change_.left()};
}

}  // namespace slipway
