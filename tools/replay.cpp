// slipway-replay: rebuilds the state from a log, without touching it, and says what it was at a
// position or an instant; verifies every record on the way.

#include "eventlog/events/event_json.h"
#include "projections/state.h"
#include "projections/state_dump.h"
#include "tools/log_reading.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

namespace slipway {
namespace {

struct Request {
    std::string data;
    std::string at;
    std::string history;
    bool state = false;
    bool fingerprint = false;
};

constexpr int kBadLog = 2;
constexpr int kBadRequest = 1;

int fail(const Error& error) {
    std::cerr << "slipway-replay: " << error.message << "\n";
    return error.code == ErrorCode::corruption ? kBadLog : kBadRequest;
}

// Whether the indexes hold just what the events say.
Result<void> check_indexes(const EventLog& log, std::uint64_t events, std::uint64_t team_events) {
    const auto counts = log.count_indexes();
    if (!counts) return counts.error();
    const auto differ = [](std::string_view name, std::uint64_t found, std::uint64_t expected) {
        return Error{ErrorCode::corruption,
                     "log: the index of " + std::string{name} + " has " + std::to_string(found) +
                         " entries; the events make " + std::to_string(expected)};
    };
    if (counts->streams != events) return differ("streams", counts->streams, events);
    if (counts->teams != team_events) return differ("teams", counts->teams, team_events);
    return {};
}

int print_history(const EventLog& log, const Request& request, const Bound& bound) {
    const auto uuid = uuid_of_any(request.history);
    if (!uuid && request.history != "server") {
        return fail({ErrorCode::invalid, "--history: " + request.history +
                                             " is no id of an app, schedule, deployment or team, "
                                             "nor server"});
    }
    std::size_t found = 0;
    const auto read =
        read_events(log, bound, [&](const RecordedEvent& recorded, const Digest& digest) {
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
    const auto log = open_log_copy(request.data);
    if (!log) return fail(log.error());
    if (!request.history.empty()) return print_history(**log, request, *bound);

    State state;
    std::uint64_t team_events = 0;
    Digest last{};
    Instant at;
    const auto read =
        read_events(**log, *bound, [&](const RecordedEvent& recorded, const Digest& digest) {
            state.apply(recorded);
            if (!recorded.envelope.team.is_nil()) ++team_events;
            last = digest;
            at = recorded.envelope.recorded_at;
            return true;
        });
    if (!read) return fail(read.error());
    const bool whole = state.position() == (*log)->durable();
    if (whole) {
        const auto checked = check_indexes(**log, state.position().value, team_events);
        if (!checked) return fail(checked.error());
    }
    if (request.state) {
        dump_state(state, [](std::string_view line) { std::cout << line << "\n"; });
        return 0;
    }
    if (request.fingerprint) {
        std::cout << state.fingerprint() << "\n";
        return 0;
    }
    std::cout << "position     " << state.position().value << " of " << (*log)->durable().value
              << "\n"
              << "recorded at  " << to_text(at) << "\n"
              << "digest       " << hex_of(bytes_of(last)) << "\n"
              << "fingerprint  " << state.fingerprint() << "\n"
              << "verified     checksums, chain" << (whole ? " and indexes" : "") << "\n";
    return 0;
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) {
    // Who reads no more (| head) ends the output, and not the program before it has tidied up.
    std::signal(SIGPIPE, SIG_IGN);
    slipway::Request request;
    CLI::App app{"Rebuilds the state from a log, without touching it, and verifies every record."};
    app.add_option("data", request.data, "A server's data directory, or the log in it")->required();
    app.add_option("--at", request.at, "Stop after this position, or this instant (RFC 3339)");
    app.add_option("--history", request.history, "Print the events of one object, as JSON lines");
    app.add_flag("--state", request.state, "Print the whole state, as JSON lines");
    app.add_flag("--fingerprint", request.fingerprint, "Print the fingerprint of the state");
    CLI11_PARSE(app, argc, argv);
    return slipway::replay(request);
}
