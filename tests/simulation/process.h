// What of a Simulation dies with the process: the server.

#pragma once

#include "server/api/idempotency.h"
#include "server/engine/engine.h"
#include "server/targets/kinds.h"
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
        : secrets(world.random_),
          targets(world.random_, world.reports_, [this, &world](const OutgoingRequest& request) {
              world.witness_.see_sent(request, state(), log().durable());
              world.attempts_.emplace_back(request.deployment, request.token);
          }) {}

    void serve(Simulation& world, std::unique_ptr<EventLog> opened) {
        Engine::Settings settings;
        settings.callback_url = [](DeploymentId id) {
            return "http://slipway.example/" + id.text();
        };
        engine.emplace(std::move(replayed), std::move(opened), world.rules(),
                       Engine::Ports{world.clock_, world.ids_, secrets, target_kinds()},
                       std::move(settings));
        idempotency.emplace(*engine, world.clock_, std::string(32, 'k'), "boot");
    }

    const State& state() const { return engine->state(); }
    EventLog& log() { return engine->log(); }

    // Sends what is to be sent now.
    void carry_requests() {
        Requests requests = engine->take_requests();
        for (const Position token : requests.to_give_up) targets.give_up(token);
        for (OutgoingRequest& request : requests.to_send) {
            const DeploymentId id = request.deployment;
            const Position token = request.token;
            targets.send(std::move(request), [this, id, token](const Answer& answer) {
                engine->record(id, token, answer);
            });
        }
    }

    std::unique_ptr<State> replayed = std::make_unique<State>();  // until the engine takes it
    FickleSecrets secrets;
    SimulatedTargets targets;
    std::optional<Engine> engine;
    std::optional<Idempotency> idempotency;
    bool has_failed = false;  // a write did: the process is about to end
};

}  // namespace slipway
