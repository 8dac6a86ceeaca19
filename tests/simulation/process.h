// What of a Simulation dies with the process: the server.

#pragma once

#include "server/api/idempotency.h"
#include "server/engine/command_lane.h"
#include "server/engine/dispatcher.h"
#include "server/engine/timer.h"
#include "server/engine/zone_change.h"
#include "tests/simulation/simulation.h"

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

// Keys that are lost, or cannot be read for a while.
class FickleSecrets : public TargetSecrets {
  public:
    explicit FickleSecrets(std::mt19937_64& random) : random_(random) {}

    std::vector<std::string> signing_secrets(const App&, Instant) const override { return {"key"}; }
    std::string callback_token(DeploymentId id) const override { return id.text(); }
    Result<Authorization> authorization(const Credential&) const override {
        const auto chance = random_() % 8;
        if (chance == 0) return Error{ErrorCode::not_found, "secrets: it is lost"};
        if (chance == 1) return Error{ErrorCode::io, "secrets: it cannot be read"};
        return Authorization{"Authorization", "Bearer key", "key"};
    }

  private:
    std::mt19937_64& random_;
};

struct Simulation::Process {
    explicit Process(Simulation& world)
        : zones(world.rules()),
          secrets(world.random_),
          targets(world.random_, world.reports_, [this, &world](const AttemptRequest& request) {
              world.witness_.see_sent(request, state, log->durable());
              world.attempts_.emplace_back(deployment_of(request.schedule), request.token);
          }) {}

    void serve(Simulation& world, std::unique_ptr<EventLog> opened) {
        log = std::move(opened);
        lane.emplace(state, *log, world.clock_, world.ids_, zones);
        change.emplace(*lane, zones);
        dispatcher.emplace(*lane, targets, secrets, world.clock_);
        timer.emplace(*lane);
        idempotency.emplace(*lane, *log, world.clock_, std::string(32, 'k'), "boot");
    }

    State state;
    CurrentZones zones;
    std::unique_ptr<EventLog> log;
    std::optional<CommandLane> lane;
    FickleSecrets secrets;
    SimulatedTargets targets;
    std::optional<Dispatcher> dispatcher;
    std::optional<ZoneChange> change;
    std::optional<Timer> timer;
    std::optional<Idempotency> idempotency;
    bool has_failed = false;  // a write did: the process is about to end
};

}  // namespace slipway
