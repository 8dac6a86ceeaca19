// Each rule with an example that keeps it and one that breaks it. What a rule looks for by text
// stands here in two pieces, so that the rule does not find its own example.

#include "tests/tidy/source_rules.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Rule = Findings (*)(const SourceText&);

std::size_t count(Rule rule, std::string path, std::string text) {
    return rule(source_text(std::move(path), std::move(text))).size();
}

std::string include(const std::string& what) {
    return "#include " + what + "\n";
}

TEST(SourceText, SeparatesCodeFromCommentsAndLiterals) {
    const auto source =
        source_text("a.cpp", "int a = 1'000; // b\nf(\"c // \\\" d\", 'e'); /* g */");
    EXPECT_EQ(source.code, "int a = 1'000;     \nf(\"         \", ' ');        ");
    EXPECT_EQ(source.comments.find("// b"), 15U);
    EXPECT_EQ(source.comments.find('\n'), source.text.find('\n'));
    EXPECT_EQ(source.comments.size(), source.text.size());
}

TEST(SourceText, KnowsRawStrings) {
    const auto source = source_text("a.cpp", "f(R\"x(a \" ) b)x\", c);");
    EXPECT_EQ(source.code, "f(R\"           \", c);");
}

TEST(Layers, PointOneWay) {
    const auto base = include("\"eventlog/base/time.h\"");
    EXPECT_EQ(count(check_layers, "eventlog/events/a.h", base), 0U);
    EXPECT_EQ(count(check_layers, "server/domain/a.h", include("\"server/domain/b.h\"")), 0U);
    EXPECT_EQ(count(check_layers, "server/api/a.h", include("\"server/engine/lane.h\"")), 0U);
    EXPECT_EQ(count(check_layers, "server/process/main.cpp", include("\"server/http/session.h\"")),
              0U);
    EXPECT_EQ(count(check_layers, "eventlog/base/a.h", include("\"eventlog/log/store.h\"")), 1U);
    EXPECT_EQ(count(check_layers, "server/domain/a.h", include("\"server/engine/lane.h\"")), 1U);
    EXPECT_EQ(count(check_layers, "server/domain/a.h", include("\"eventlog/log/store.h\"")), 1U);
    EXPECT_EQ(count(check_layers, "tools/a.cpp", include("\"server/process/application.h\"")), 1U);
}

TEST(Layers, AreKnownForEveryFolderAndPathsStartAtTheTop) {
    EXPECT_EQ(count(check_layers, "extra/a.h", ""), 1U);
    EXPECT_EQ(count(check_layers, "eventlog/base/a.h", include("\"time.h\"")), 1U);
    EXPECT_EQ(count(check_layers, "eventlog/base/a.h", include("<vector>")), 0U);
    EXPECT_EQ(count(check_layers, "eventlog/base/a.h", "// " + include("\"server/a.h\"")), 0U);
}

TEST(Doors, AreOneALibrary) {
    EXPECT_EQ(count(check_doors, "eventlog/log/leveldb_store.cpp", include("<leveldb/db.h>")), 0U);
    EXPECT_EQ(count(check_doors, "eventlog/log/event_log.cpp", include("<leveldb/db.h>")), 1U);
    const auto store = include("\"eventlog/log/leveldb_store.h\"");
    EXPECT_EQ(count(check_doors, "eventlog/log/log_directory.cpp", store), 0U);
    EXPECT_EQ(count(check_doors, "eventlog/log/log_proof.cpp", store), 1U);
    EXPECT_EQ(count(check_doors, "projections/a.cpp", include("<flatbuffers/a.h>")), 1U);
    EXPECT_EQ(count(check_doors, "eventlog/events/codec_table.h", include("<flatbuffers/a.h>")),
              0U);
    EXPECT_EQ(count(check_doors, "server/zones/zone_database.cpp", include("<date/tz.h>")), 1U);
    EXPECT_EQ(count(check_doors, "server/auth/key_set.cpp", include("<openssl/evp.h>")), 0U);
    EXPECT_EQ(count(check_doors, "server/auth/session.cpp", include("<openssl/evp.h>")), 1U);
    EXPECT_EQ(count(check_doors, "server/targets/a.cpp", include("<boost/asio/post.hpp>")), 1U);
    EXPECT_EQ(count(check_doors, "server/engine/a.cpp", include("<boost/beast.hpp>")), 1U);
    EXPECT_EQ(count(check_doors, "server/auth/a.h", include("<nlohmann/json.hpp>")), 1U);
    EXPECT_EQ(count(check_doors, "server/auth/a.cpp", include("<nlohmann/json.hpp>")), 0U);
}

TEST(Doors, OfTheCommandLineAreTheMainFiles) {
    const auto cli = include("<CLI/CLI.hpp>");
    EXPECT_EQ(count(check_doors, "tools/replay.cpp", cli + "int main() {}\n"), 0U);
    EXPECT_EQ(count(check_doors, "tools/replay.cpp", cli), 1U);
}

TEST(BannedWords, HoldOutsideTheirOnePlace) {
    const std::string now = "auto a = std::chrono::system_clock::now();";
    EXPECT_EQ(count(check_banned_words, "server/engine/timer.cpp", now), 1U);
    EXPECT_EQ(count(check_banned_words, "server/process/system_ports.cpp", now), 0U);
    EXPECT_EQ(count(check_banned_words, "server/a.cpp", "// " + now), 0U);
    EXPECT_EQ(count(check_banned_words, "server/a.cpp", "auto a = Steady::now();"), 1U);
    EXPECT_EQ(count(check_banned_words, "server/a.cpp", "auto a = clock.now();"), 0U);
    EXPECT_EQ(count(check_banned_words, "tests/a.cpp", "this_thread::sleep_for(a);"), 1U);
    EXPECT_EQ(count(check_banned_words, "server/a.cpp", "auto a = rand();"), 1U);
    EXPECT_EQ(count(check_banned_words, "server/a.cpp", "auto a = operand();"), 0U);
}

std::string line_of(int columns) {
    std::string text;
    for (int i = 0; i < columns; ++i) text += 'a';
    return text += '\n';
}

TEST(Shape, HasColumnsAndNoTrailingBlanks) {
    EXPECT_EQ(count(check_shape, "a.cpp", line_of(100)), 0U);
    EXPECT_EQ(count(check_shape, "a.cpp", line_of(101)), 1U);
    EXPECT_EQ(count(check_shape, "a.cpp", "\tint a;\nint b; \n"), 2U);
}

std::string with_body(std::string head, int lines) {
    head.append("{\n");
    for (int i = 0; i < lines; ++i) head.append("    f();\n");
    head.append("}\n");
    return head;
}

std::size_t too_long(std::string text) {
    return count(check_function_length, "a.cpp", std::move(text));
}

TEST(FunctionLength, CountsFromTheHeadToTheBrace) {
    EXPECT_EQ(too_long(with_body("void f() ", 68)), 0U);
    EXPECT_EQ(too_long(with_body("void f() ", 69)), 1U);
    EXPECT_EQ(too_long(with_body("TEST(A, B) ", 69)), 1U);
    EXPECT_EQ(too_long(with_body("template <class T>\nT f(T a = {}) const ", 69)), 1U);
}

TEST(FunctionLength, LooksIntoScopesAndPastInitialisers) {
    const std::string inside = "namespace a {\nstruct B {\n  public:\n";
    EXPECT_EQ(too_long(with_body(with_body(inside + "void f() ", 60) + "void g() ", 60)), 0U);
    EXPECT_EQ(too_long(with_body(inside + "B() : a_{1}, b_(2) ", 70)), 1U);
    std::string table = "const std::vector<int> a = {\n";
    for (int i = 0; i < 90; ++i) table.append("    {f(1), 2},\n");
    EXPECT_EQ(too_long(table.append("};\n")), 0U);
}

TEST(Comments, HoldNoMarksAndNoCode) {
    EXPECT_EQ(count(check_comments, "a.cpp",
                    "// TO"
                    "DO: later\n"),
              1U);
    EXPECT_EQ(count(check_comments, "a.cpp",
                    "auto a = \"XX"
                    "X\";\n"),
              0U);
    EXPECT_EQ(count(check_comments, "a.cpp", "// lane.submit(command);\n"), 1U);
    EXPECT_EQ(count(check_comments, "a.cpp", "int a;  // It is so.\n\n// if (a) {\n"), 1U);
    EXPECT_EQ(count(check_comments, "a.cpp", "// Why (see f); nothing else.\n// It is;\n"), 0U);
}

TEST(Comments, GiveAReasonForASuppression) {
    const std::string mark =
        "int a;  // NOL"
        "INT";
    EXPECT_EQ(count(check_comments, "a.cpp", mark + "\n"), 1U);
    EXPECT_EQ(count(check_comments, "a.cpp", mark + "(bugprone-x)\n"), 1U);
    EXPECT_EQ(count(check_comments, "a.cpp", mark + "(bugprone-x): the C API wants it\n"), 0U);
    EXPECT_EQ(count_suppressions(source_text("a.cpp", mark + "\nint b;\n")), 1);
}

TEST(Headers, AreGuardedAndOpenNoNamespace) {
    EXPECT_EQ(count(check_header, "a.h", "// A.\n\n#pragma once\n"), 0U);
    EXPECT_EQ(count(check_header, "a.h", "int a;\n"), 1U);
    EXPECT_EQ(count(check_header, "a.h", "#pragma once\nusing namespace std;\n"), 1U);
    EXPECT_EQ(count(check_header, "a.cpp", "using namespace std::literals;\n"), 0U);
}

TEST(Names, SayWhatAFileHolds) {
    EXPECT_EQ(count(check_name, "eventlog/base/time.h", ""), 0U);
    EXPECT_EQ(count(check_name, "eventlog/base/time_util.h", ""), 1U);
    EXPECT_EQ(count(check_name, "server/common/a.h", ""), 1U);
}

TEST(MachinePaths, AreFoundWhereverTheyStand) {
    EXPECT_EQ(check_machine_paths("a.md",
                                  "see /wo"
                                  "rk/shared\n")
                  .size(),
              1U);
    EXPECT_EQ(check_machine_paths("a.md",
                                  "see server/wo"
                                  "rk/a.h\n")
                  .size(),
              0U);
}

TEST(TopLevel, HoldsTheFoldersAndLittleElse) {
    EXPECT_TRUE(check_top_level("eventlog").empty());
    EXPECT_TRUE(check_top_level(".gitignore").empty());
    EXPECT_EQ(check_top_level("notes.md").size(), 1U);
}

}  // namespace
}  // namespace slipway
