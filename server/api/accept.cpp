#include "server/api/accept.h"

#include "eventlog/base/ascii.h"

#include <algorithm>
#include <optional>

namespace slipway {

namespace {

// Reads a header from left to right, once.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool sees(char c) const { return rest_.starts_with(c); }
    bool take(char c) {
        if (!sees(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip(std::string_view chars) {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(chars), rest_.size()));
    }
    // Empty if there is none.
    std::string_view token() {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
        const auto found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(found.size());
        return found;
    }
    // False if there is none, or no end to it.
    bool quoted_string() {
        if (!take('"')) return false;
        while (!at_end() && !sees('"')) {
            rest_.remove_prefix(std::min<std::size_t>(sees('\\') ? 2 : 1, rest_.size()));
        }
        return take('"');
    }

  private:
    std::string_view rest_;
};

struct Range {
    std::string_view type;
    std::string_view subtype;
    bool is_wanted = true;
};

// Whether a weight is more than nothing; nothing if it is none. By how much something is wanted
// does not matter where there is one form of it.
std::optional<bool> read_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[1] != '.')) return std::nullopt;
    const auto decimals = text.substr(std::min<std::size_t>(2, text.size()));
    const bool is_whole = decimals.find_first_not_of('0') == std::string_view::npos;
    if (decimals.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    if (text[0] == '1' && is_whole) return true;
    if (text[0] != '0') return std::nullopt;
    return !is_whole;
}

std::optional<Range> read_range(Reader& reader) {
    constexpr std::string_view kSpaces = " \t";
    Range range;
    range.type = reader.token();
    if (range.type.empty() || !reader.take('/')) return std::nullopt;
    range.subtype = reader.token();
    if (range.subtype.empty() || (range.type == "*" && range.subtype != "*")) return std::nullopt;
    reader.skip(kSpaces);
    while (reader.take(';')) {
        reader.skip(kSpaces);
        const auto name = reader.token();
        if (!name.empty()) {
            if (!reader.take('=')) return std::nullopt;
            const auto value = reader.token();
            if (value.empty() && !reader.quoted_string()) return std::nullopt;
            if (equal_in_any_case(name, "q")) {
                const auto weight = read_weight(value);
                if (!weight) return std::nullopt;
                range.is_wanted = *weight;
            }
        }
        reader.skip(kSpaces);
    }
    if (!reader.at_end() && !reader.sees(',')) return std::nullopt;
    return range;
}

// How much the range says of a type that is in it; 0 if it is not. Parameters but q are passed
// over: what is answered is in UTF-8 and of one version, whichever was asked for.
int closeness(const Range& range, std::string_view media) {
    const auto slash = media.find('/');
    if (range.type == "*") return 1;
    if (!equal_in_any_case(range.type, media.substr(0, slash))) return 0;
    if (range.subtype == "*") return 2;
    return equal_in_any_case(range.subtype, media.substr(slash + 1)) ? 3 : 0;
}

}  // namespace

bool accepts(std::string_view accept, std::string_view media) {
    Reader reader{accept};
    bool is_empty = true;
    bool is_wanted = false;
    int closest = 1;
    for (reader.skip(" \t,"); !reader.at_end(); reader.skip(" \t,")) {
        const auto range = read_range(reader);
        if (!range) return true;
        is_empty = false;
        const int close = closeness(*range, media);
        if (close < closest) continue;
        is_wanted = range->is_wanted || (close == closest && is_wanted);
        closest = close;
    }
    return is_empty || is_wanted;
}

}  // namespace slipway
