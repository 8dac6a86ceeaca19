#include "server/engine/engine.h"

#include "tests/server/engine/engine_world.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

// A morning: something is scheduled, comes due, is sent, fails once, and succeeds.
void live_through(EngineWorld& world) {
    world.engine->recover();
    world.tick();
    world.schedule(kNoon + 1h);
    world.deploy();
    for (int minute = 0; minute < 90; ++minute) {
        world.flush();
        world.tick();
        world.flush();
        for (const OutgoingRequest& request : world.engine->take_requests().to_send) {
            const Run& run = *world.state().deployments().find(request.deployment);
            const bool is_first = run.attempts.back().number == 1;
            world.engine->record(request.deployment, request.token,
                                 Answer{HttpResponse{is_first ? 503 : 200, {}, {}}, {}, {}});
        }
        world.clock.time += 1min;
    }
    world.flush();
}

TEST(Engine, ThatIsFedTheSameWritesTheSameLog) {
    EngineWorld one;
    EngineWorld other;
    live_through(one);
    live_through(other);
    EXPECT_EQ(one.count<DeploymentSucceeded>(), 2U);
    EXPECT_EQ(one.seen, other.seen);
    EXPECT_EQ(one.state().fingerprint(), other.state().fingerprint());
}

TEST(Engine, CanBeDroppedAndBuiltAnewWhileTheProcessRuns) {
    EngineWorld world;
    live_through(world);
    const std::string fingerprint = world.state().fingerprint();
    world.restart();
    EXPECT_EQ(world.state().fingerprint(), fingerprint);
    world.engine->recover();
    world.deploy();
    world.flush();
    world.tick();
    world.flush();
    EXPECT_EQ(world.engine->take_requests().to_send.size(), 1U);
}

TEST(Engine, HandsOutNoRequestThatWasGivenUpBeforeItWasTaken) {
    EngineWorld world;
    const DeploymentId id = world.deploy();
    world.flush();
    world.tick();
    world.flush();
    ASSERT_TRUE(world.engine->has_requests());
    world.submit(AbortDeployment{id, "no"});
    EXPECT_FALSE(world.engine->has_requests());
    EXPECT_EQ(world.engine->figures().attempts_under_way, 0U);
}

TEST(EngineDeathTest, LetsNoObserverSubmit) {
    EngineWorld world;
    world.engine->observe([&](const RecordedEvent&) { world.deploy(); });
    EXPECT_DEATH(world.deploy(), "");
}

}  // namespace
}  // namespace slipway
