// slipway-dump: the events of a log, a directory's or a running server's, or the whole state, as
// JSON lines; and back from such lines into a new log.

#include "eventlog/base/version.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "eventlog/log/log_directory.h"
#include "projections/state.h"
#include "projections/state_dump.h"
#include "tools/log_reading/chain.h"
#include "tools/log_reading/log_source.h"
#include "tools/log_reading/recorded_clock.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
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

    bool is_everything() const { return !team && !stream && type.empty() && !from && !to; }

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
                const bool is_first = recorded.position == Position{1} && wanted->is_everything();
                const auto head = is_first ? (*log)->head() : std::nullopt;
                write_json(json, recorded, &digest, head ? &*head : nullptr);
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

// A log whose id is not known becomes another log: its content and its place make the new id.
Uuid id_of_restored(const std::string& first_line, const std::string& directory) {
    const Digest digest = sha256(first_line, directory);
    return *uuid_of_value(bytes_of(digest).substr(0, 16));
}

bool is_state_dump(const std::string& line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    return json.is_object() && json.contains("kind") && json.contains("value");
}

// A dump that is read line by line into a new log.
class Restore {
  public:
    Restore(EventLog& log, RecordedClock& clock, const Bound& bound,
            const std::optional<LogHead>& head)
        : log_(log), clock_(clock), bound_(bound), head_(head) {
        if (head_) chain_ = Chain{genesis_digest(head_->log_id)};
    }

    // Takes the lines from `first` on, and closes the log. Errors: invalid, corruption, io.
    Result<void> run(std::istream& in, std::string first) {
        std::string line = std::move(first);
        do {
            const auto taken = take(line);
            if (!taken) return taken.error();
            if (!*taken) break;
        } while (std::getline(in, line));
        if (auto closed = log_.close(); !closed) return closed;
        return check_end();
    }

    Position end() const { return state_.position(); }

  private:
    // False if nothing more is wanted.
    Result<bool> take(const std::string& line) {
        const std::uint64_t number = state_.position().value + 1;
        const auto wrong = [&](const std::string& what) {
            return Error{ErrorCode::corruption, "line " + std::to_string(number) + ": " + what};
        };
        auto recorded = next_event(line, state_, number);
        if (!recorded) return recorded.error();
        if (!bound_.contains(*recorded)) return false;
        const auto said = digest_of_line(line);
        if (head_ && !said) return wrong("has no digest; each line of this dump has one");
        if (auto follows = chain_.follow(said, *recorded); !follows) {
            return wrong(follows.error().message);
        }
        const Envelope& envelope = recorded->envelope;
        clock_.set(envelope.recorded_at);
        state_.apply(*recorded);
        auto appended = log_.append({{envelope.stream, envelope.stream_version, envelope.team.uuid,
                                      encode(envelope, recorded->event)}});
        if (!appended) return appended.error();
        if (number % kRestoreGroup == 0) log_.flush();
        return true;
    }

    // A dump that was cut between two lines looks whole, but for its head.
    Result<void> check_end() const {
        if (!head_) return {};
        const auto text = [](Position position) { return std::to_string(position.value); };
        if (end() < head_->position && (bound_.position || bound_.instant)) return {};
        if (end() != head_->position) {
            return Error{ErrorCode::corruption,
                         "the dump ends at position " + text(end()) +
                             ", and its first line says that the log ended at " +
                             text(head_->position) + ": it was cut or changed; with --at " +
                             text(end()) + " that much of it is restored"};
        }
        const auto digest = log_.digest_at(end());
        if (!digest) return digest.error();
        if (*digest == head_->digest) return {};
        return Error{ErrorCode::corruption,
                     "the dump ends with another digest than its first line says"};
    }

    EventLog& log_;
    RecordedClock& clock_;
    const Bound& bound_;
    const std::optional<LogHead>& head_;
    State state_;
    Chain chain_;
};

Result<void> must_be_empty(const std::filesystem::path& directory) {
    std::error_code error;
    const bool is_free =
        !std::filesystem::exists(directory, error) || std::filesystem::is_empty(directory, error);
    if (error) return Error{ErrorCode::io, directory.string() + ": " + error.message()};
    if (is_free) return {};
    return Error{ErrorCode::invalid, directory.string() + " is not empty"};
}

int restore(const Request& request) {
    const auto bound = Bound::parse(request.at);
    if (!bound) return fail(bound.error());
    std::string first;
    if (!std::getline(std::cin, first)) {
        return fail({ErrorCode::invalid, "standard input has no dump to restore"});
    }
    if (is_state_dump(first)) {
        return fail({ErrorCode::invalid,
                     "line 1: this is a dump of the state, which cannot be restored: it lacks the "
                     "events; a dump of the log is accepted (slipway-dump DATA without --state)"});
    }
    const auto head = log_head_of_line(first);
    if (!head) return fail({head.error().code, "line 1: " + head.error().message});
    const std::filesystem::path into = std::filesystem::path{request.restore} / "log";
    if (auto empty = must_be_empty(request.restore); !empty) return fail(empty.error());
    umask(S_IRWXG | S_IRWXO);  // what a server writes is for nobody else either
    const Uuid log_id = *head ? (*head)->log_id : id_of_restored(first, request.restore);
    if (auto created = create_log(into, log_id); !created) return fail(created.error());
    RecordedClock clock;
    auto log = open_log(into, clock);
    if (!log) return fail(log.error());
    Restore restoring{**log, clock, *bound, *head};
    if (const auto done = restoring.run(std::cin, first); !done) {
        log->reset();
        std::error_code ignored;
        std::filesystem::remove_all(into, ignored);
        return fail(done.error());
    }
    const std::string end = std::to_string(restoring.end().value);
    std::cerr << "restored " << end << " events into " << request.restore << ", up to position "
              << end << "\n";
    if (*head) {
        std::cerr << "the log keeps its id and digests: an audit head noted before still fits\n";
    } else {
        std::cerr
            << "the dump does not say which log it is of, so the restored log is another one: "
               "its digests are new, and no audit head noted before fits them\n"
               "compare the position with the end of what was dumped\n";
    }
    std::cerr << "a server started there holds dispatch until it is armed\n";
    return 0;
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) try {
    // Who reads no more (| head) ends the output, and not the program before it has tidied up.
    std::signal(SIGPIPE, SIG_IGN);
    slipway::Request request;
    CLI::App app{
        "Prints the events of a log, or its state, as JSON lines; restores a log from them."};
    auto* const data = app.add_option("data", request.data, slipway::kPlaceText);
    app.add_flag("--state", request.state, "Print the whole state instead of the events");
    app.add_option("--at", request.at,
                   "Stop after this position, or this instant (RFC 3339); also while restoring");
    app.add_option("--team", request.team, "Only the events of this team");
    app.add_option("--stream", request.stream, "Only the events of this object, or of the server");
    app.add_option("--type", request.type, "Only events of this type");
    app.add_option("--from", request.from, "Only events recorded at or after this instant");
    app.add_option("--to", request.to, "Only events recorded at or before this instant");
    auto* const into = app.add_option("--restore", request.restore,
                                      "Restore a whole dump from standard input into this new data "
                                      "directory");
    data->excludes(into);
    for (const char* const option : {"--state", "--team", "--stream", "--type", "--from", "--to"}) {
        into->excludes(app.get_option(option));
    }
    app.add_option("--ca-file", request.ca_file, slipway::kCaFileText);
    app.set_version_flag("--version", slipway::version_text("slipway-dump"),
                         "Print the version and the commit it was built from");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 1;
    }
    if (!request.restore.empty()) return slipway::restore(request);
    if (request.data.empty())
        return slipway::fail(
            {slipway::ErrorCode::invalid, "name a data directory, or the URL of a server"});
    return slipway::dump(request);
} catch (const std::exception& error) {
    std::cerr << "slipway-dump: " << error.what() << "\n";
    return 1;
}
