#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace slipway {
namespace {

constexpr std::uint64_t kSteps = 4'000;

// Seeds that found something once.
constexpr std::uint64_t kOnceFailed[] = {
    1905529543,  // a key was forgotten when the clock was set back over midnight
};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Sums {
    std::uint64_t starts = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t events = 0;
};

// Empty, or what was not kept, and how to see it again.
std::string run(std::uint64_t seed, Sums& sums) {
    Simulation simulation{seed};
    std::uint64_t step = 0;
    while (simulation.broken().empty() && ++step < kSteps) simulation.step();
    if (simulation.broken().empty()) simulation.settle();
    sums.starts += simulation.starts();
    sums.deliveries += simulation.deliveries();
    sums.events += simulation.history().size();
    if (simulation.broken().empty()) return {};
    return "SLIPWAY_SEED=" + std::to_string(seed) + ", step " + std::to_string(step) + ": " +
           simulation.broken() + "\n" + simulation.lately();
}

TEST(Simulation, KeepsEveryPromiseWithSeedsThatOnceFailed) {
    Sums sums;
    for (const std::uint64_t seed : kOnceFailed) ASSERT_EQ(run(seed, sums), "");
}

TEST(Simulation, KeepsEveryPromise) {
    const std::uint64_t first = number_from("SLIPWAY_SEED", std::random_device{}());
    const bool is_again = std::getenv("SLIPWAY_SEED") != nullptr;
    const std::uint64_t runs = number_from("SLIPWAY_RUNS", is_again ? 1 : 60);
    // A CHECK ends the program, and this is all that is left of it.
    std::cout << "seeds from " << first << std::endl;
    Sums sums;
    for (std::uint64_t i = 0; i < runs; ++i) ASSERT_EQ(run(first + i, sums), "");
    RecordProperty("events", std::to_string(sums.events));
    // It is about something.
    EXPECT_GT(sums.starts, runs);
    EXPECT_GT(sums.deliveries, runs);
}

TEST(Simulation, WithTheSameSeedIsTheSame) {
    Simulation one{42};
    Simulation other{42};
    for (std::uint64_t i = 0; i < kSteps; ++i) {
        one.step();
        other.step();
        ASSERT_EQ(one.broken() + other.broken(), "");
    }
    ASSERT_GT(one.starts(), 1);
    EXPECT_EQ(one.starts(), other.starts());
    EXPECT_EQ(one.deliveries(), other.deliveries());
    EXPECT_EQ(one.lately(), other.lately());
    EXPECT_TRUE(one.history() == other.history());
}

}  // namespace
}  // namespace slipway
