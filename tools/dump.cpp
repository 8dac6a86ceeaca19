// slipway-dump: the events of a log, a directory's or a running server's, or the whole state, as
// JSON lines; and back from such lines into a new log.

#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "projections/state.h"
#include "projections/state_dump.h"
#include "tools/log_reading/chain.h"
#include "tools/log_reading/log_source.h"
#include "tools/log_reading/recorded_clock.h"

#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iostream>

namespace slipway {
namespace {

struct Request {
    std::string data;
    std::string ca_file;
    std::string at;
    std::string team;
    std::string stream;
    std::string type;
    std::string from;
    std::string to;
    std::string restore;
    bool state = false;
};

// Events appended before a sync while restoring.
constexpr std::size_t kRestoreGroup = 2'000;

int fail(const Error& error) {
    std::cerr << "slipway-dump: " << error.message << "\n";
    return error.code == ErrorCode::corruption ? 2 : 1;
}

void warn(const std::string& warning) {
    std::cerr << "slipway-dump: " << warning << "\n";
}

struct Wanted {
    std::optional<TeamId> team;
    std::optional<Uuid> stream;
    std::string type;
    std::optional<Instant> from;
    std::optional<Instant> to;

    bool contains(const RecordedEvent& recorded) const {
        const Envelope& envelope = recorded.envelope;
        if (team && envelope.team != *team) return false;
        if (stream && envelope.stream != *stream) return false;
        if (!type.empty() && type_name(recorded.event) != type) return false;
        if (from && envelope.recorded_at < *from) return false;
        return !to || envelope.recorded_at <= *to;
    }
};

Error refused(const std::string& option, const std::string& found, const std::string& accepted) {
    return Error{ErrorCode::invalid, option + ": is " + found + "; " + accepted};
}

Result<Wanted> wanted_of(const Request& request) {
    Wanted wanted;
    if (!request.team.empty()) {
        wanted.team = TeamId::parse(request.team);
        if (!wanted.team) return refused("--team", request.team, "the id of a team");
    }
    if (!request.stream.empty()) {
        wanted.stream = uuid_of_any(request.stream);
        if (request.stream == "server") wanted.stream = Uuid{};
        if (!wanted.stream) return refused("--stream", request.stream, "an id, or server");
    }
    const auto names = event_type_names();
    wanted.type = request.type;
    if (!wanted.type.empty() && std::find(names.begin(), names.end(), wanted.type) == names.end()) {
        return refused("--type", request.type, "a type of event such as DeploymentDue");
    }
    if (!request.from.empty()) {
        wanted.from = instant_of(request.from);
        if (!wanted.from) return refused("--from", request.from, "2027-02-10T08:00:00Z");
    }
    if (!request.to.empty()) {
        wanted.to = instant_of(request.to);
        if (!wanted.to) return refused("--to", request.to, "2027-02-10T08:00:00Z");
    }
    return wanted;
}

int dump(const Request& request) {
    const auto bound = Bound::parse(request.at);
    if (!bound) return fail(bound.error());
    const auto wanted = wanted_of(request);
    if (!wanted) return fail(wanted.error());
    const auto log = LogSource::open(request.data, request.ca_file, warn);
    if (!log) return fail(log.error());
    State state;
    std::string line;
    const auto read =
        (*log)->read(*bound, [&](const RecordedEvent& recorded, const Digest& digest) {
            if (request.state) {
                state.apply(recorded);
            } else if (wanted->contains(recorded)) {
                line.clear();
                JsonWriter json{line};
                write_json(json, recorded, &digest);
                std::cout << line << "\n";
            }
            return static_cast<bool>(std::cout);
        });
    if (!read) return fail(read.error());
    if (request.state)
        dump_state(state, [](std::string_view text) {
            return static_cast<bool>(std::cout << text << "\n");
        });
    std::cout.flush();
    return std::cout ? 0 : fail({ErrorCode::io, "the output could not be written"});
}

// One line of a dump, which must be the event that comes next.
Result<RecordedEvent> next_event(const std::string& line, const State& state,
                                 std::uint64_t number) {
    const auto where = "line " + std::to_string(number) + ": ";
    auto recorded = event_of_json(line);
    if (!recorded) return Error{ErrorCode::invalid, where + recorded.error().message};
    const std::uint64_t expected = state.position().value + 1;
    if (recorded->position.value != expected) {
        return Error{ErrorCode::invalid, where + "position " +
                                             std::to_string(recorded->position.value) + "; " +
                                             std::to_string(expected) +
                                             " comes next: only a whole dump can be restored"};
    }
    const Version version = state.next_version(recorded->event);
    if (recorded->envelope.stream_version != version) {
        return Error{ErrorCode::invalid,
                     where + "stream_version " +
                         std::to_string(recorded->envelope.stream_version.value) + "; " +
                         std::to_string(version.value) + " comes next in that stream"};
    }
    return recorded;
}

// The random bits of a log's id: what it holds and when it was restored make it another log.
Uuid id_of_restored(const std::string& first_line, const std::string& directory) {
    const Digest digest = sha256(first_line, directory);
    return *uuid_of_value(bytes_of(digest).substr(0, 16));
}

Result<std::uint64_t> restore_lines(std::istream& in, EventLog& log, RecordedClock& clock,
                                    const std::string& first) {
    State state;
    std::string line = first;
    std::uint64_t number = 0;
    Chain chain;
    do {
        ++number;
        auto recorded = next_event(line, state, number);
        if (!recorded) return recorded.error();
        if (auto follows = chain.follow(digest_of_line(line), *recorded); !follows) {
            return Error{ErrorCode::corruption,
                         "line " + std::to_string(number) + ": " + follows.error().message};
        }
        const Envelope& envelope = recorded->envelope;
        clock.set(envelope.recorded_at);
        state.apply(*recorded);
        auto appended = log.append({{envelope.stream, envelope.stream_version, envelope.team.uuid,
                                     encode(envelope, recorded->event)}});
        if (!appended) return appended.error();
        if (number % kRestoreGroup == 0) log.flush();
    } while (std::getline(in, line));
    if (auto closed = log.close(); !closed) return closed.error();
    return number;
}

int restore(const Request& request) {
    std::string first;
    if (!std::getline(std::cin, first)) {
        return fail({ErrorCode::invalid, "standard input has no dump to restore"});
    }
    const std::filesystem::path into = std::filesystem::path{request.restore} / "log";
    if (std::filesystem::exists(request.restore) && !std::filesystem::is_empty(request.restore)) {
        return fail({ErrorCode::invalid, request.restore + " is not empty"});
    }
    umask(S_IRWXG | S_IRWXO);  // what a server writes is for nobody else either
    auto created = EventLog::create(into, id_of_restored(first, request.restore));
    if (!created) return fail(created.error());
    RecordedClock clock;
    auto log = EventLog::open(into, clock, {}, [](const Record&) { return true; });
    if (!log) return fail(log.error());
    const auto count = restore_lines(std::cin, **log, clock, first);
    if (!count) {
        log->reset();
        std::filesystem::remove_all(into);
        return fail(count.error());
    }
    // A dump that was cut between two lines looks whole.
    std::cerr << "restored " << *count << " events into " << request.restore << ", up to position "
              << *count << ": compare that with the end of what was dumped\n"
              << "a server started there holds dispatch until it is armed\n";
    return 0;
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) {
    // Who reads no more (| head) ends the output, and not the program before it has tidied up.
    std::signal(SIGPIPE, SIG_IGN);
    slipway::Request request;
    CLI::App app{
        "Prints the events of a log, or its state, as JSON lines; restores a log from them."};
    auto* const data = app.add_option("data", request.data, slipway::kPlaceText);
    app.add_flag("--state", request.state, "Print the whole state instead of the events");
    app.add_option("--at", request.at, "Stop after this position, or this instant (RFC 3339)");
    app.add_option("--team", request.team, "Only the events of this team");
    app.add_option("--stream", request.stream, "Only the events of this object, or of the server");
    app.add_option("--type", request.type, "Only events of this type");
    app.add_option("--from", request.from, "Only events recorded at or after this instant");
    app.add_option("--to", request.to, "Only events recorded at or before this instant");
    auto* const into = app.add_option("--restore", request.restore,
                                      "Restore a whole dump from standard input into this new data "
                                      "directory");
    data->excludes(into);
    app.add_option("--ca-file", request.ca_file, slipway::kCaFileText);
    CLI11_PARSE(app, argc, argv);
    if (!request.restore.empty()) return slipway::restore(request);
    if (request.data.empty())
        return slipway::fail(
            {slipway::ErrorCode::invalid, "name a data directory, or the URL of a server"});
    return slipway::dump(request);
}
