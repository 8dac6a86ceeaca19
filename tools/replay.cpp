// slipway-replay: rebuilds the state from a log, a directory's or a running server's, and says what
// it was at a position or an instant; verifies every record on the way. Makes a new log of what can
// be proved of a damaged one.

#include "eventlog/base/version.h"
#include "eventlog/events/event_json.h"
#include "projections/state.h"
#include "projections/state_dump.h"
#include "tools/log_reading/log_source.h"
#include "tools/log_reading/salvage.h"

#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include <csignal>
#include <exception>
#include <iostream>

namespace slipway {
namespace {

struct Request {
    std::string data;
    std::string ca_file;
    std::string at;
    std::string history;
    std::string salvage;
    bool state = false;
    bool fingerprint = false;
};

constexpr int kBadLog = 2;
constexpr int kBadRequest = 1;
constexpr int kSomethingLost = 3;

int fail(const Error& error) {
    std::cerr << "slipway-replay: " << error.message << "\n";
    return error.code == ErrorCode::corruption ? kBadLog : kBadRequest;
}

void warn(const std::string& warning) {
    std::cerr << "slipway-replay: " << warning << "\n";
}

int print_history(LogSource& log, const Request& request, const Bound& bound) {
    const auto uuid = uuid_of_any(request.history);
    if (!uuid && request.history != "server") {
        return fail({ErrorCode::invalid, "--history: " + request.history +
                                             " is no id of an app, schedule, deployment or team, "
                                             "nor server"});
    }
    std::size_t found = 0;
    const auto read = log.read(bound, [&](const RecordedEvent& recorded, const Digest& digest) {
        if (recorded.envelope.stream != uuid.value_or(Uuid{})) return true;
        std::string line;
        JsonWriter json{line};
        write_json(json, recorded, &digest);
        std::cout << line << "\n";
        ++found;
        return true;
    });
    if (!read) return fail(read.error());
    if (found == 0) {
        return fail({ErrorCode::not_found, "--history: the log has nothing of " + request.history});
    }
    return 0;
}

int replay(const Request& request) {
    const auto bound = Bound::parse(request.at);
    if (!bound) return fail(bound.error());
    const auto log = LogSource::open(request.data, request.ca_file, warn);
    if (!log) return fail(log.error());
    if (!request.history.empty()) return print_history(**log, request, *bound);

    State state;
    LogReader::IndexCounts events;
    Digest last{};
    Instant at;
    const auto read =
        (*log)->read(*bound, [&](const RecordedEvent& recorded, const Digest& digest) {
            state.apply(recorded);
            ++events.streams;
            if (!recorded.envelope.team.is_nil()) ++events.teams;
            last = digest;
            at = recorded.envelope.recorded_at;
            return true;
        });
    if (!read) return fail(read.error());
    const auto verified = (*log)->verified(state.position() == (*log)->end(), events);
    if (!verified) return fail(verified.error());
    if (request.state) {
        dump_state(state, [](std::string_view line) {
            return static_cast<bool>(std::cout << line << "\n");
        });
        return 0;
    }
    if (request.fingerprint) {
        std::cout << state.fingerprint() << "\n";
        return 0;
    }
    std::cout << "position     " << state.position().value << " of " << (*log)->end().value << "\n"
              << "recorded at  " << to_text(at) << "\n"
              << "digest       " << hex_of(bytes_of(last)) << "\n"
              << "fingerprint  " << state.fingerprint() << "\n"
              << "verified     " << *verified << "\n";
    return 0;
}

int salvage_log(const Request& request) {
    umask(S_IRWXG | S_IRWXO);  // what a server writes is for nobody else either
    const auto salvaged = salvage(request.data, request.salvage);
    if (!salvaged) return fail(salvaged.error());
    std::cout << salvaged->report;
    warn("a server started over " + request.salvage +
         " needs the keys of the old one, holds dispatch until it is armed, and has forgotten "
         "idempotency keys");
    return salvaged->is_whole ? 0 : kSomethingLost;
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) try {
    // Who reads no more (| head) ends the output, and not the program before it has tidied up.
    std::signal(SIGPIPE, SIG_IGN);
    slipway::Request request;
    CLI::App app{"Rebuilds the state from a log, and verifies every record."};
    app.add_option("data", request.data, slipway::kPlaceText)->required();
    app.add_option("--at", request.at, "Stop after this position, or this instant (RFC 3339)");
    app.add_option("--history", request.history, "Print the events of one object, as JSON lines");
    app.add_flag("--state", request.state, "Print the whole state, as JSON lines");
    app.add_flag("--fingerprint", request.fingerprint, "Print the fingerprint of the state");
    app.add_option("--salvage", request.salvage,
                   "Write what can be proved of a damaged log into this new data directory, and "
                   "say what is lost (exit code 3)")
        ->excludes("--at", "--history", "--state", "--fingerprint");
    app.add_option("--ca-file", request.ca_file, slipway::kCaFileText);
    app.set_version_flag("--version", slipway::version_text("slipway-replay"),
                         "Print the version and the commit it was built from");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : slipway::kBadRequest;
    }
    const int status =
        request.salvage.empty() ? slipway::replay(request) : slipway::salvage_log(request);
    if (std::cout.flush() || status != 0) return status;
    std::cerr << "slipway-replay: the output could not be written\n";
    return 1;
} catch (const std::exception& error) {
    std::cerr << "slipway-replay: " << error.what() << "\n";
    return 1;
}
