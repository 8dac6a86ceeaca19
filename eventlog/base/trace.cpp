#include "eventlog/base/trace.h"

#include "eventlog/base/unicode.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace slipway {

namespace {

spdlog::logger& sink() {
    static const auto logger = [] {
        auto made = spdlog::stderr_color_mt("slipway");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *logger;
}

spdlog::level::level_enum level_of(TraceLevel level) {
    switch (level) {
        case TraceLevel::debug:
            return spdlog::level::debug;
        case TraceLevel::info:
            return spdlog::level::info;
        case TraceLevel::warning:
            return spdlog::level::warn;
        case TraceLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

}  // namespace

void trace(TraceLevel level, std::string_view text) {
    // Others' text may not steer the terminal, nor end the line.
    const std::string shown = shown_safely(text);
    sink().log(level_of(level), spdlog::string_view_t{shown.data(), shown.size()});
}

void set_trace_level(TraceLevel level) {
    sink().set_level(level_of(level));
}

}  // namespace slipway
