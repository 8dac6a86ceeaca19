// Every input that is kept is run in every build: what once broke a target stays fixed.

#include "tests/fuzz/target.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace slipway {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs_of(std::string_view target) {
    std::vector<fs::path> inputs;
    for (const auto& entry : fs::directory_iterator(fs::path{SLIPWAY_CORPUS} / target)) {
        inputs.push_back(entry.path());
    }
    std::sort(inputs.begin(), inputs.end());
    return inputs;
}

class Corpus : public testing::TestWithParam<const FuzzTarget*> {};

TEST_P(Corpus, HoldsNothingThatBreaksItsTarget) {
    const auto inputs = inputs_of(GetParam()->name());
    EXPECT_FALSE(inputs.empty());
    for (const fs::path& input : inputs) {
        std::ifstream in{input, std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
        // A CHECK ends the program: what was read last stands above it.
        std::cout << input.filename().string() << std::endl;
        GetParam()->run(bytes);
    }
}

INSTANTIATE_TEST_SUITE_P(Kept, Corpus, testing::ValuesIn(FuzzTarget::all()),
                         [](const auto& made) { return std::string{made.param->name()}; });

TEST(CorpusFolder, IsThereForEachTargetAndNothingElse) {
    std::vector<std::string> folders;
    for (const auto& entry : fs::directory_iterator(fs::path{SLIPWAY_CORPUS})) {
        folders.push_back(entry.path().filename());
    }
    std::vector<std::string> targets;
    for (const FuzzTarget* const target : FuzzTarget::all()) targets.emplace_back(target->name());
    std::sort(folders.begin(), folders.end());
    std::sort(targets.begin(), targets.end());
    EXPECT_EQ(folders, targets);
}

}  // namespace
}  // namespace slipway
