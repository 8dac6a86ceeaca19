#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <optional>

namespace slipway {
namespace {

constexpr std::uint64_t kSteps = 4'000;
constexpr std::uint64_t kFirstSeed = 1;

// Seeds that found something once. One means what it meant only as long as nothing else is drawn
// before: see the README.
constexpr std::array<std::uint64_t, 3> kOnceFailed = {1905529543, 4053029296, 4074839278};

std::optional<std::uint64_t> number_from(const char* name) {
    const char* const text = std::getenv(name);
    if (text == nullptr) return std::nullopt;
    return std::strtoull(text, nullptr, 10);
}

// Of all runs on one kind of storage.
struct Sums {
    std::uint64_t runs = 0;
    std::uint64_t steps = 0;
    double seconds = 0;  // of this process, in the steps
    std::uint64_t starts = 0;
    std::uint64_t deliveries = 0;
    std::uint64_t events = 0;

    std::string said(const std::string& where) const {
        if (runs == 0) return {};
        const auto rate = static_cast<std::uint64_t>(static_cast<double>(steps) / seconds);
        return where + ": " + std::to_string(runs) + " runs, " + std::to_string(steps) +
               " steps at " + std::to_string(rate) + " a second of its time, " +
               std::to_string(events) + " events, " + std::to_string(deliveries) + " deliveries, " +
               std::to_string(starts) + " starts\n";
    }
};

struct AllSums {
    Sums plain;
    Sums disk;
};

// Empty, or what was not kept, and how to see it again.
std::string run(std::uint64_t seed, AllSums& all) {
    Sums& sums = seed % Simulation::kDiskSeeds == 0 ? all.disk : all.plain;
    Simulation simulation{seed};
    std::uint64_t step = 0;
    const std::clock_t begin = std::clock();
    while (simulation.broken().empty() && step < kSteps) {
        ++step;
        simulation.step();
    }
    sums.seconds += static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (simulation.broken().empty()) simulation.settle();
    ++sums.runs;
    sums.steps += step;
    sums.starts += simulation.starts();
    sums.deliveries += simulation.deliveries();
    sums.events += simulation.history().size();
    if (simulation.broken().empty()) return {};
    return "run again with SLIPWAY_SEED=" + std::to_string(seed) + "; at step " +
           std::to_string(step) + ": " + simulation.broken() + "\n" + simulation.lately();
}

TEST(Simulation, KeepsEveryPromiseWithSeedsThatOnceFailed) {
    AllSums sums;
    for (const std::uint64_t seed : kOnceFailed) ASSERT_EQ(run(seed, sums), "");
}

// Runs SLIPWAY_RUNS seeds from SLIPWAY_SEED on. The seeds of the gate are fixed, so that it fails
// only if the code changes; tests/night.sh gives fresh ones.
TEST(Simulation, KeepsEveryPromise) {
    const auto given = number_from("SLIPWAY_SEED");
    const std::uint64_t first = given.value_or(kFirstSeed);
    const std::uint64_t runs = number_from("SLIPWAY_RUNS").value_or(given ? 1 : 40);
    // A CHECK ends the program, and this is all that is left of it.
    std::cout << "again: SLIPWAY_SEED=" << first << " SLIPWAY_RUNS=" << runs << std::endl;
    AllSums sums;
    for (std::uint64_t i = 0; i < runs; ++i) {
        SCOPED_TRACE("SLIPWAY_SEED=" + std::to_string(first + i));
        ASSERT_EQ(run(first + i, sums), "");
    }
    std::cout << sums.plain.said("in memory") << sums.disk.said("LevelDB on a simulated disk");
    // It is about something.
    EXPECT_GT(sums.plain.starts + sums.disk.starts, runs);
    EXPECT_GT(sums.plain.deliveries + sums.disk.deliveries, runs);
}

class SameSeed : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SameSeed, IsTheSameRun) {
    Simulation one{GetParam()};
    Simulation other{GetParam()};
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

INSTANTIATE_TEST_SUITE_P(OnEachStorage, SameSeed, testing::Values(42, 5 * Simulation::kDiskSeeds));

}  // namespace
}  // namespace slipway
