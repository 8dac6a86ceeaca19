#include "tests/tidy/source_text.h"

#include <cctype>

namespace slipway {

namespace {

constexpr auto kNowhere = std::string_view::npos;

// Walks over a file once and sends each character to the view that it belongs to.
class Splitter {
  public:
    explicit Splitter(SourceText& source) : source_(source), text_(source.text) {
        source_.code.assign(text_.size(), ' ');
        source_.comments.assign(text_.size(), ' ');
    }

    void run() {
        while (at_ < text_.size()) {
            if (starts("//")) {
                line_comment();
            } else if (starts("/*")) {
                block_comment();
            } else if (text_[at_] == '"' && after_raw_prefix()) {
                raw_string();
            } else if (text_[at_] == '"' || (text_[at_] == '\'' && !separates_digits())) {
                literal(text_[at_]);
            } else {
                keep(source_.code);
            }
        }
    }

  private:
    bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

    void keep(std::string& view) {
        view[at_] = text_[at_];
        skip();
    }

    // Line breaks stand in every view.
    void skip() {
        if (text_[at_] == '\n') source_.code[at_] = source_.comments[at_] = '\n';
        ++at_;
    }

    void line_comment() {
        while (at_ < text_.size() && text_[at_] != '\n') keep(source_.comments);
    }

    void block_comment() {
        const auto end = text_.find("*/", at_ + 2);
        const auto stop = end == kNowhere ? text_.size() : end + 2;
        while (at_ < stop) keep(source_.comments);
    }

    bool after_raw_prefix() const {
        if (at_ == 0 || text_[at_ - 1] != 'R') return false;
        auto begin = at_ - 1;
        while (begin > 0 && is_name_char(text_[begin - 1])) --begin;
        const auto prefix = text_.substr(begin, at_ - begin);
        return prefix == "R" || prefix == "u8R" || prefix == "LR" || prefix == "uR";
    }

    void raw_string() {
        const auto open = text_.find('(', at_);
        if (open == kNowhere) return literal('"');
        const auto end_mark = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
        const auto end = text_.find(end_mark, open);
        const auto stop = end == kNowhere ? text_.size() : end + end_mark.size();
        keep(source_.code);
        while (at_ + 1 < stop) skip();
        if (at_ < text_.size()) keep(source_.code);
    }

    void literal(char quote) {
        keep(source_.code);
        while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) skip();
            skip();
        }
        if (at_ < text_.size() && text_[at_] == quote) keep(source_.code);
    }

    // 1'000'000 holds no character literal.
    bool separates_digits() const {
        auto begin = at_;
        while (begin > 0 && (is_name_char(text_[begin - 1]) || text_[begin - 1] == '\'')) --begin;
        return begin < at_ && std::isdigit(static_cast<unsigned char>(text_[begin])) != 0;
    }

    SourceText& source_;
    std::string_view text_;
    std::size_t at_ = 0;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
        text.remove_prefix(1);
    }
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_open(char c) {
    return c == '(' || c == '[' || c == '{';
}
bool is_close(char c) {
    return c == ')' || c == ']' || c == '}';
}

// The place of the last character before `place` that is not blank; npos if there is none.
std::size_t previous_visible(std::string_view code, std::size_t place) {
    return place == 0 ? kNowhere : code.find_last_not_of(" \n", place - 1);
}

// The place of the bracket that closes the one at `open`; the end of `code` if none does.
std::size_t closing_bracket(std::string_view code, std::size_t open) {
    int depth = 0;
    for (auto at = open; at < code.size(); ++at) {
        if (is_open(code[at])) ++depth;
        if (is_close(code[at]) && --depth == 0) return at;
    }
    return code.size();
}

// Blanks out preprocessor lines, the continued ones too.
std::string without_directives(std::string code) {
    bool inside = false;
    std::size_t begin = 0;
    while (begin < code.size()) {
        auto end = code.find('\n', begin);
        if (end == kNowhere) end = code.size();
        const auto line = trimmed(std::string_view(code).substr(begin, end - begin));
        const bool directive = inside || line.starts_with('#');
        inside = directive && line.ends_with('\\');
        if (directive) code.replace(begin, end - begin, end - begin, ' ');
        begin = end + 1;
    }
    return code;
}

enum class Block { scope, function, value };

std::string_view without_template_head(std::string_view head) {
    head = trimmed(head);
    while (head.starts_with("template")) {
        int depth = 0;
        auto at = head.find('<');
        if (at == kNowhere) break;
        for (; at < head.size(); ++at) {
            if (head[at] == '<') ++depth;
            if (head[at] == '>' && --depth == 0) break;
        }
        head = trimmed(head.substr(std::min(at + 1, head.size())));
    }
    return head;
}

// What the block is that follows `head`, the text since the last statement or block ended.
Block kind_of(std::string_view head) {
    head = without_template_head(head);
    for (const std::string_view access : {"public:", "private:", "protected:"}) {
        if (head.starts_with(access)) head = without_template_head(head.substr(access.size()));
    }
    for (const std::string_view word :
         {"namespace", "inline namespace", "class", "struct", "union", "enum", "extern"}) {
        const bool is_word = head.starts_with(word) &&
                             (head.size() == word.size() || !is_name_char(head[word.size()]));
        if (is_word) return Block::scope;
    }
    if (head.find('(') == kNowhere) return Block::value;
    int depth = 0;
    for (const char c : head) {
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (c == '=' && depth == 0 && head.find("operator") == kNowhere &&
            head.find("](") == kNowhere) {
            return Block::value;
        }
    }
    return depth == 0 ? Block::function : Block::value;
}

}  // namespace

SourceText source_text(std::string path, std::string text) {
    SourceText source{.path = std::move(path), .text = std::move(text), .code = {}, .comments = {}};
    Splitter{source}.run();
    return source;
}

std::vector<Include> includes_of(const SourceText& source) {
    std::vector<Include> found;
    for (const auto place : places_of(source.code, "include")) {
        const auto before = previous_visible(source.code, place);
        if (before == kNowhere || source.code[before] != '#') continue;
        const auto open = source.text.find_first_of("<\"\n", place);
        if (open == kNowhere || source.text[open] == '\n') continue;
        const auto close = source.text.find_first_of(">\"\n", open + 1);
        found.push_back(
            {source.text.substr(open + 1, close - open - 1), line_at(source.text, place)});
    }
    return found;
}

int line_at(std::string_view text, std::size_t place) {
    return 1 + static_cast<int>(std::ranges::count(text.substr(0, place), '\n'));
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool is_name_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::vector<std::size_t> places_of(std::string_view code, std::string_view word) {
    std::vector<std::size_t> places;
    for (auto at = code.find(word); at != kNowhere; at = code.find(word, at + 1)) {
        const bool begins = at == 0 || !is_name_char(word.front()) || !is_name_char(code[at - 1]);
        const auto end = at + word.size();
        const bool ends =
            end == code.size() || !is_name_char(word.back()) || !is_name_char(code[end]);
        if (begins && ends) places.push_back(at);
    }
    return places;
}

std::vector<Function> functions_of(const SourceText& source) {
    const std::string code = without_directives(source.code);
    std::vector<Function> functions;
    std::size_t head = 0;
    int parens = 0;
    for (std::size_t at = 0; at < code.size(); ++at) {
        if (code[at] == '(') ++parens;
        if (code[at] == ')') --parens;
        if (code[at] == '{') {
            const auto before = std::string_view(code).substr(head, at - head);
            auto kind = parens > 0 ? Block::value : kind_of(before);
            const auto end = kind == Block::scope ? at : closing_bracket(code, at);
            // The braces of a member initialiser stand before the body.
            const auto after = code.find_first_not_of(" \n", end + 1);
            const bool goes_on = after != kNowhere && (code[after] == ',' || code[after] == '{');
            if (kind == Block::function && goes_on) kind = Block::value;
            if (kind == Block::function) {
                const int line = line_at(code, code.find_first_not_of(" \n", head));
                functions.push_back({line, line_at(code, end) - line + 1});
            }
            at = end;
            // What follows a value belongs to the statement that the value stands in.
            if (kind != Block::value) head = at + 1;
        } else if (code[at] == '}' || (code[at] == ';' && parens == 0)) {
            head = at + 1;
        }
    }
    return functions;
}

}  // namespace slipway
