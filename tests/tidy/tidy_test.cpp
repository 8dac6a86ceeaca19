// Reads the project itself and compares it with its rules.

#include "tests/tidy/source_rules.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace slipway {
namespace {

namespace fs = std::filesystem;

const fs::path& top() {
    static const fs::path path = SLIPWAY_SOURCE_DIR;
    return path;
}

bool is_skipped(const fs::path& path) {
    const std::string name = path.filename();
    return name.starts_with('.') || name.starts_with("build") || name == "node_modules" ||
           name == "dist" || name == "__pycache__";
}

std::string contents_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The files of the project's folders, by their paths from the top.
std::vector<std::string> project_files() {
    std::vector<std::string> files;
    for (const auto* folder : {"eventlog", "projections", "server", "tools", "tests", "bench"}) {
        if (!fs::exists(top() / folder)) continue;
        for (fs::recursive_directory_iterator it(top() / folder), end; it != end; ++it) {
            if (is_skipped(it->path())) {
                if (it->is_directory()) it.disable_recursion_pending();
            } else if (it->is_regular_file()) {
                files.push_back(fs::relative(it->path(), top()));
            }
        }
    }
    return files;
}

std::vector<SourceText> project_sources() {
    std::vector<SourceText> sources;
    for (const auto& path : project_files()) {
        if (!path.ends_with(".h") && !path.ends_with(".cpp")) continue;
        sources.push_back(source_text(path, contents_of(top() / path)));
    }
    return sources;
}

std::string report(const Findings& findings) {
    std::string lines;
    for (const auto& finding : findings) {
        lines += finding.path + ":" + std::to_string(finding.line) + ": " + finding.message + "\n";
    }
    return lines;
}

TEST(Project, KeepsTheRulesOfItsSources) {
    const auto sources = project_sources();
    ASSERT_GT(sources.size(), 20U) << "found hardly a source below " << top();
    for (const auto& source : sources) {
        const auto findings = check_source(source);
        EXPECT_TRUE(findings.empty()) << report(findings);
    }
}

TEST(Project, SuppressesFewWarnings) {
    int count = 0;
    for (const auto& source : project_sources()) {
        if (!source.path.starts_with("tests/tidy/")) count += count_suppressions(source);
    }
    EXPECT_LE(count, kSuppressionsMax) << "mend the code instead of adding another suppression";
}

TEST(Project, NamesNoPlaceOfOneMachine) {
    auto files = project_files();
    for (const auto* file : {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CMakeLists.txt"}) {
        files.emplace_back(file);
    }
    for (const auto& path : files) {
        const auto findings = check_machine_paths(path, contents_of(top() / path));
        EXPECT_TRUE(findings.empty()) << report(findings);
    }
}

TEST(Project, KeepsItsTopLevelShort) {
    for (const auto& entry : fs::directory_iterator(top())) {
        const auto findings = check_top_level(entry.path().filename());
        EXPECT_TRUE(findings.empty()) << report(findings);
    }
}

}  // namespace
}  // namespace slipway
