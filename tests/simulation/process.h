// What of a Simulation dies with the process: the server.

#pragma once

#include "server/http/idempotency.h"
#include "server/runtime/command_lane.h"
#include "server/runtime/dispatcher.h"
#include "server/runtime/timer.h"
#include "server/runtime/zone_change.h"
#include "tests/simulation/simulation.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

class NoSecrets : public TargetSecrets {
  public:
    std::vector<std::string> signing_secrets(const App&, Instant) const override { return {"key"}; }
    std::string callback_token(DeploymentId id) const override { return id.text(); }
    Result<Authorization> authorization(const Credential&) const override {
        return Authorization{};
    }
};

struct Simulation::Process {
    explicit Process(Simulation& world)
        : zones(world.rules()),
          targets(world.random_, world.reports_, [this, &world](const AttemptRequest& request) {
              world.witness_.see_sent(request, state, log->durable());
              world.attempts_.emplace_back(deployment_of(request.schedule), request.token);
          }) {}

    void serve(Simulation& world, std::unique_ptr<EventLog> opened) {
        log = std::move(opened);
        lane.emplace(state, *log, world.clock_, world.ids_, zones);
        change.emplace(*lane, zones);
        dispatcher.emplace(*lane, targets, secrets, Dispatcher::Options{});
        timer.emplace(*lane);
        idempotency.emplace(*lane, *log, world.clock_, std::string(32, 'k'), "boot");
    }

    State state;
    CurrentZones zones;
    std::unique_ptr<EventLog> log;
    std::optional<CommandLane> lane;
    NoSecrets secrets;
    SimulatedTargets targets;
    std::optional<Dispatcher> dispatcher;
    std::optional<ZoneChange> change;
    std::optional<Timer> timer;
    std::optional<Idempotency> idempotency;
    bool has_failed = false;  // a write did: the process is about to end
};

}  // namespace slipway
