// Every kept input runs in every build, and so do changed copies of it: the same in each run. An
// input that once broke a target stays mended.

#include "tests/fuzz/mutants.h"
#include "tests/fuzz/target.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace slipway {
namespace {

namespace fs = std::filesystem;

constexpr int kMutants = 100;  // of each input

struct Input {
    std::string name;
    std::string bytes;
};

std::vector<Input> inputs_of(std::string_view target) {
    std::vector<Input> inputs;
    for (const auto& entry : fs::directory_iterator(fs::path{SLIPWAY_CORPUS} / target)) {
        std::ifstream file{entry.path(), std::ios::binary};
        inputs.push_back({entry.path().filename(), {std::istreambuf_iterator<char>{file}, {}}});
    }
    std::sort(inputs.begin(), inputs.end(),
              [](const Input& a, const Input& b) { return a.name < b.name; });
    return inputs;
}

class Corpus : public testing::TestWithParam<const FuzzTarget*> {};

TEST_P(Corpus, HoldsNothingThatBreaksItsTarget) {
    const auto inputs = inputs_of(GetParam()->name());
    EXPECT_FALSE(inputs.empty());
    for (const Input& input : inputs) {
        // A CHECK ends the program: the last line names the input that broke it.
        std::cout << input.name << std::endl;
        GetParam()->run(input.bytes);
    }
}

TEST_P(Corpus, MayBeChangedWithoutBreakingItsTarget) {
    const auto inputs = inputs_of(GetParam()->name());
    // A CHECK ends the program: the file has the bytes that broke it, as a fuzzer takes them.
    const fs::path last = fs::path{SLIPWAY_LAST} / ("last_" + std::string{GetParam()->name()});
    std::cout << "each input is written to " << last << " before it runs" << std::endl;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::string& other = inputs[(i + 1) % inputs.size()].bytes;
        Mutants mutants{inputs[i].name, inputs[i].bytes, other};
        for (int n = 0; n < kMutants; ++n) {
            const std::string bytes = mutants.next();
            std::ofstream{last, std::ios::binary} << bytes;
            GetParam()->run(bytes);
        }
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
