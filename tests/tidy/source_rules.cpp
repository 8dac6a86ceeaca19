#include "tests/tidy/source_rules.h"

#include <regex>

namespace slipway {

namespace {

using Paths = std::vector<std::string>;

struct Layer {
    std::string folder;
    Paths may_include;  // beside itself: files, and folders with those below them
};

// The architecture, as data. The most specific entry counts.
const std::vector<Layer>& layers() {
    static const std::vector<Layer> table = {
        {"eventlog/base", {}},
        {"eventlog/events", {"eventlog/base"}},
        {"eventlog/log", {"eventlog/base"}},
        {"projections", {"eventlog"}},
        {"server/domain",
         {"eventlog/base", "eventlog/events", "eventlog/log/urgency.h", "projections"}},
        {"server/auth", {"eventlog/base", "eventlog/events", "projections"}},
        {"server/targets", {"eventlog", "projections", "server/auth"}},
        {"server/zones", {"eventlog/base", "server/domain"}},
        {"server/engine",
         {"eventlog", "projections", "server/domain", "server/targets/executor.h",
          "server/auth/authorization.h"}},
        {"server/http", {"eventlog/base"}},
        {"server/assets", {}},
        {"server/api",
         {"eventlog", "projections", "server/domain", "server/engine", "server/auth",
          "server/targets/kinds.h", "server/assets", "server/http/message.h",
          "server/http/handler.h", "server/http/cors.h"}},
        {"server/api/resources",
         {"eventlog", "projections", "server/domain", "server/engine", "server/auth",
          "server/targets/kinds.h", "server/assets", "server/http/message.h",
          "server/http/handler.h", "server/http/cors.h", "server/api"}},
        {"server/process/jobs",
         {"eventlog", "projections", "server/domain", "server/zones", "server/engine",
          "server/api"}},
        {"server/process", {"eventlog", "projections", "server"}},
        {"tools", {"eventlog", "projections"}},
        {"tests", {"eventlog", "projections", "server", "tools", "tests"}},
        {"bench", {"eventlog", "projections", "server", "tools", "tests", "bench"}},
    };
    return table;
}

struct Door {
    std::string include;  // the beginning or the end of an include, as a regular expression
    std::string files;    // those that may have it
    std::string advice;
};

const std::vector<Door>& doors() {
    static const std::string cpp_of_tests = "|(tests|bench)/.*\\.cpp";
    static const std::vector<Door> table = {
        {"leveldb/.*",
         "eventlog/log/"
         "((leveldb_store|leveldb_wreck)\\.cpp|leveldb_slice\\.h|durable_env\\.(h|cpp))|(tests/"
         "support|bench)/.*",
         "use the Store port of eventlog/log/store.h"},
        {"eventlog/log/leveldb_store\\.h",
         "eventlog/log/(leveldb_store|log_directory)\\.cpp|(tests|bench)/.*",
         "open a log through its LogPlace (eventlog/log/log_place.h)"},
        {"flatbuffers/.*", "eventlog/events/codec_table\\.h|tests/eventlog/events/.*\\.cpp",
         "use eventlog/events/codec.h"},
        {"eventlog/events/codec_table\\.h", "eventlog/events/codec\\.cpp",
         "use eventlog/events/codec.h"},
        {"curl/.*", "eventlog/base/(curl_http_client|url)\\.cpp|tests/fuzz/origins_target\\.cpp",
         "use the port of eventlog/base/http_client.h"},
        {"date/(tz|ptz)\\.h", "", "use server/zones/zone_database.h"},
        {"openssl/.*", "(.*/)?(digest|seal|key_set)\\.(h|cpp)|server/http/tls\\.cpp|tests/.*",
         "use digest, seal, key_set or tls"},
        {"boost/beast.*", "server/http/.*|(tests|bench)/.*", "HTTP lives in server/http"},
        {"boost/asio.*",
         "server/(http|process)/.*|server/api/api\\.cpp|"
         "eventlog/base/curl_http_client\\.cpp|tools/client/connection\\.cpp|(tests|bench)/.*",
         "post to the io thread from server/process"},
        {"nlohmann/.*",
         ".*\\.cpp|server/api/json\\.h|server/auth/json_object\\.h|tools/client/answer\\.h",
         "include it in the .cpp only"},
        {"prometheus/.*", "server/process/metrics\\.cpp", "use server/process/metrics.h"},
        {"spdlog/.*", "eventlog/base/trace\\.cpp", "use eventlog/base/trace.h"},
    };
    return table;
}

struct Ban {
    std::string word;
    std::string where;   // paths in which the ban holds, as a regular expression
    std::string except;  // and those in which it does not
    std::string advice;
};

const std::vector<Ban>& bans() {
    static const std::string everywhere = ".*";
    // A person's program, which runs at a prompt and not in a server.
    static const std::string prompt = "tools/client/machine\\.cpp";
    static const std::string seeds = "tests/simulation/simulation_test\\.cpp";
    static const std::string clocks =
        "server/process/system_ports\\.cpp|bench/.*|tests/torture/.*|" + prompt;
    static const std::string take_clock = "take a Clock (eventlog/base/clock.h)";
    static const std::string take_ids = "take an IdSource (eventlog/base/clock.h)";
    static const std::string lacks = "clang 14 or g++ 12 does not have it";
    static const std::vector<Ban> table = {
        // Of any class, since an alias may stand for a clock.
        {"::now", everywhere, clocks, take_clock},
        {"high_resolution_clock", everywhere, "", take_clock},
        {"random_device", everywhere, "server/process/system_ports\\.cpp", take_ids},
        {"rand(", everywhere, "", take_ids},
        {"srand(", everywhere, "", take_ids},
        {"getenv", everywhere, prompt + "|" + seeds,
         "take a setting: a field of the component's struct"},
        {"sleep_for", "tests/.*", "", "move a ManualClock, or wait for what should happen"},
        {"sleep_until", "tests/.*", "", "move a ManualClock, or wait for what should happen"},
        {"std::views", everywhere, "", lacks + ": write a loop"},
        {"std::ranges::views", everywhere, "", lacks + ": write a loop"},
        {"std::format", everywhere, "", lacks + ": build messages with +"},
        {"std::expected", everywhere, "", lacks + ": use Result (eventlog/base/result.h)"},
        {"localtime", everywhere, "", "the machine's zone means nothing here: see LocalTime"},
        {"localtime_r", everywhere, prompt, "the machine's zone means nothing here: see LocalTime"},
        {"gmtime", everywhere, "", "use to_text and civil_of (eventlog/base/time.h)"},
        {"gmtime_r", everywhere, "", "use to_text and civil_of (eventlog/base/time.h)"},
    };
    return table;
}

bool matches(const std::string& text, const std::string& pattern) {
    return std::regex_match(text, std::regex(pattern));
}

bool lies_in(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

const Layer* layer_of(std::string_view path) {
    const Layer* best = nullptr;
    for (const auto& layer : layers()) {
        const bool better = best == nullptr || layer.folder.size() > best->folder.size();
        if (lies_in(path, layer.folder) && better) best = &layer;
    }
    return best;
}

bool is_header(const SourceText& source) {
    return source.path.ends_with(".h");
}

bool is_main_file(const SourceText& source) {
    return !places_of(source.code, "int main(").empty();
}

void append(Findings& all, const Findings& more) {
    all.insert(all.end(), more.begin(), more.end());
}

Finding found_at(const SourceText& source, std::size_t place, std::string message) {
    return {source.path, line_at(source.text, place), std::move(message)};
}

bool looks_like_code(const std::string& comment) {
    static const std::regex code_pattern(
        "//\\s*(\\S*\\w\\(.*\\)\\s*;|[^=]*\\w = .*;|(return|delete)\\b.*;|"
        "(if|for|while|switch) ?\\(.*\\) ?\\{?|#\\s*include .*|\\}|\\};)\\s*");
    return std::regex_match(comment, code_pattern);
}

std::string comment_of(std::string_view line) {
    const auto begin = line.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string() : std::string(line.substr(begin));
}

}  // namespace

Findings check_layers(const SourceText& source) {
    const Layer* layer = layer_of(source.path);
    if (layer == nullptr) {
        return {{source.path, 1, "lies in no folder of the architecture: see layers()"}};
    }
    Findings findings;
    for (const auto& include : includes_of(source)) {
        const bool quoted = lines_of(source.text)[static_cast<std::size_t>(include.line - 1)].find(
                                '"') != std::string_view::npos;
        if (!quoted) continue;
        const Layer* other = layer_of(include.path);
        if (other == nullptr) {
            findings.push_back({source.path, include.line,
                                "\"" + include.path +
                                    "\" is not in a folder of ours: write the path from the top, "
                                    "and <> for other people's headers"});
            continue;
        }
        const bool allowed =
            other == layer || std::ranges::any_of(layer->may_include, [&](const auto& folder) {
                return include.path == folder || lies_in(include.path, folder);
            });
        if (allowed) continue;
        findings.push_back({source.path, include.line,
                            layer->folder + " may not include " + other->folder + " (\"" +
                                include.path + "\"): move the code, or pass in what it needs"});
    }
    return findings;
}

Findings check_doors(const SourceText& source) {
    Findings findings;
    for (const auto& include : includes_of(source)) {
        for (const auto& door : doors()) {
            if (!matches(include.path, door.include) || matches(source.path, door.files)) continue;
            findings.push_back({source.path, include.line,
                                "<" + include.path + "> is not included here: " + door.advice});
        }
        const bool options = is_main_file(source) || source.path.ends_with("/command_line.cpp");
        if (include.path.starts_with("CLI/") && !options) {
            findings.push_back({source.path, include.line,
                                "<" + include.path + "> is for main files and command_line.cpp"});
        }
    }
    return findings;
}

Findings check_banned_words(const SourceText& source) {
    Findings findings;
    for (const auto& ban : bans()) {
        const auto places = places_of(source.code, ban.word);
        if (places.empty() || !matches(source.path, ban.where)) continue;
        if (matches(source.path, ban.except)) continue;
        for (const auto place : places) {
            findings.push_back(found_at(source, place, ban.word + ": " + ban.advice));
        }
    }
    return findings;
}

Findings check_shape(const SourceText& source) {
    Findings findings;
    int line = 0;
    for (const auto text : lines_of(source.text)) {
        ++line;
        // Bytes that continue a character of UTF-8 take no column.
        const auto columns =
            std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; });
        if (columns > kColumnsMax) {
            findings.push_back({source.path, line,
                                std::to_string(columns) + " columns; at most " +
                                    std::to_string(kColumnsMax) + ": run clang-format"});
        }
        if (text.find('\t') != std::string_view::npos) {
            findings.push_back({source.path, line, "a tab: indent with 4 spaces"});
        }
        if (!text.empty() && (text.back() == ' ' || text.back() == '\r')) {
            findings.push_back({source.path, line, "blanks at the end: run clang-format"});
        }
    }
    return findings;
}

Findings check_function_length(const SourceText& source) {
    Findings findings;
    for (const auto& function : functions_of(source)) {
        if (function.lines <= kFunctionLinesMax) continue;
        findings.push_back({source.path, function.line,
                            "a function of " + std::to_string(function.lines) + " lines; at most " +
                                std::to_string(kFunctionLinesMax) + ": take a part out of it"});
    }
    return findings;
}

Findings check_comments(const SourceText& source) {
    static const std::vector<std::string> marks = {
        "TO"
        "DO",
        "FIX"
        "ME",
        "XX"
        "X"};
    static const std::regex reasoned(".*NOLINT(NEXTLINE|BEGIN|END)?\\([^)]+\\):? \\S.{9,}");
    Findings findings;
    for (const auto& mark : marks) {
        for (const auto place : places_of(source.comments, mark)) {
            findings.push_back(found_at(source, place, mark + ": do it, or open an issue"));
        }
    }
    int line = 0;
    for (const auto text : lines_of(source.comments)) {
        ++line;
        const std::string comment = comment_of(text);
        if (looks_like_code(comment)) {
            findings.push_back({source.path, line, "code in a comment: git remembers it"});
        }
        if (comment.find("NOLINT") != std::string::npos && !std::regex_match(comment, reasoned)) {
            findings.push_back({source.path, line,
                                "a suppression names its check and gives the reason on its line: "
                                "NOLINT(check): why"});
        }
    }
    return findings;
}

Findings check_header(const SourceText& source) {
    if (!is_header(source)) return {};
    Findings findings;
    bool guarded = false;
    for (const auto line : lines_of(source.code)) guarded |= line == "#pragma once";
    if (!guarded) findings.push_back({source.path, 1, "a header begins with #pragma once"});
    for (const auto place : places_of(source.code, "using namespace")) {
        findings.push_back(found_at(source, place, "a header opens no namespace for its readers"));
    }
    return findings;
}

Findings check_name(const SourceText& source) {
    static const std::regex vague("(.*[/_])?(utils?|common|helpers?|misc)([/_.].*)?");
    if (!std::regex_match(source.path, vague)) return {};
    return {{source.path, 1, "a file is named for the one noun that it holds"}};
}

Findings check_source(const SourceText& source) {
    Findings all;
    for (const auto check : {check_layers, check_doors, check_banned_words, check_shape,
                             check_function_length, check_comments, check_header, check_name}) {
        append(all, check(source));
    }
    return all;
}

Findings check_machine_paths(const std::string& path, const std::string& text) {
    static const std::vector<std::string> machine_places = {
        "/wo"
        "rk/",
        "/tmp/"
        "wt/"};
    Findings findings;
    for (const auto& place : machine_places) {
        for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + 1)) {
            const char before = at == 0 ? ' ' : text[at - 1];
            if (is_name_char(before) || before == '.' || before == '-' || before == '}') continue;
            findings.push_back({path, line_at(text, at), place + ": a place of one machine only"});
        }
    }
    return findings;
}

Findings check_top_level(const std::string& name) {
    static const std::regex allowed(
        "CMakeLists\\.txt|CMakePresets\\.json|(README|ARCHITECTURE|CHANGELOG|CONTRIBUTING)\\.md|"
        "LICENSE|"
        "eventlog|projections|server|tools|tests|bench|build|\\..*");
    if (std::regex_match(name, allowed)) return {};
    return {{name, 1, "does not belong at the top level: put it in the folder that it serves"}};
}

int count_suppressions(const SourceText& source) {
    int count = 0;
    for (const auto line : lines_of(source.comments)) {
        if (line.find("NOLINT") != std::string_view::npos) ++count;
    }
    return count;
}

}  // namespace slipway
