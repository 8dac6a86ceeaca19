// The rules of the project as functions over the text of one file. Each answers with what it found,
// and each finding says what to do about it. They are heuristics over text and not a compiler:
// where one is wrong about good code, mend the rule and add the example to source_rules_test.cpp.

#pragma once

#include "tests/tidy/source_text.h"

#include <string>
#include <vector>

namespace slipway {

struct Finding {
    std::string path;
    int line = 0;
    std::string message;
};
using Findings = std::vector<Finding>;

// Includes between our folders point one way.
Findings check_layers(const SourceText& source);
// A third-party library is included behind its one door.
Findings check_doors(const SourceText& source);
// Clocks, chance, sleeping, and what one of the two compilers does not have.
Findings check_banned_words(const SourceText& source);
// Columns, tabs and trailing blanks.
Findings check_shape(const SourceText& source);
// No function is longer than kFunctionLinesMax.
Findings check_function_length(const SourceText& source);
// Marks of unfinished work, code in comments, and suppressions without a reason.
Findings check_comments(const SourceText& source);
// Headers begin with a guard and open no namespace for their readers.
Findings check_header(const SourceText& source);
// Files are named for what they hold.
Findings check_name(const SourceText& source);

// All of the above.
Findings check_source(const SourceText& source);

// For a text of any language: it names no place of the machine that it was written on.
Findings check_machine_paths(const std::string& path, const std::string& text);
// `name`: an entry of the project's top level.
Findings check_top_level(const std::string& name);

int count_suppressions(const SourceText& source);

inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kColumnsMax = 100;
// In the whole project. Each has a reason on its line; together they stay few enough to be read.
inline constexpr int kSuppressionsMax = 25;

}  // namespace slipway
