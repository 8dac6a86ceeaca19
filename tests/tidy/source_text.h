// SourceText is one C++ file seen three ways, all of the same length and with the same line breaks,
// so that a place in one is the same place in the others. It knows comments, literals, raw strings
// and preprocessor lines, and nothing else of the language.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct SourceText {
    std::string path;      // from the top of the project: eventlog/base/time.h
    std::string text;      // as it is in the file
    std::string code;      // comments and the insides of literals are blanks
    std::string comments;  // all but comments is blanks
};

SourceText source_text(std::string path, std::string text);

struct Include {
    std::string path;
    int line = 0;
};

std::vector<Include> includes_of(const SourceText& source);

int line_at(std::string_view text, std::size_t place);
std::vector<std::string_view> lines_of(std::string_view text);

bool is_name_char(char c);

// The places at which `word` stands in `code` and is not part of a longer name.
std::vector<std::size_t> places_of(std::string_view code, std::string_view word);

struct Function {
    int line = 0;
    int lines = 0;
};

// Functions and tests, outermost only: a lambda counts for the function that it is written in.
std::vector<Function> functions_of(const SourceText& source);

}  // namespace slipway
