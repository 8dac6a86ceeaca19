#include "tools/log_reading/log_source.h"

#include "eventlog/log/log_directory.h"
#include "eventlog/log/log_files.h"
#include "projections/replay.h"
#include "tools/client/connection.h"
#include "tools/client/line_reader.h"
#include "tools/client/machine.h"
#include "tools/client/show.h"
#include "tools/log_reading/chain.h"

#include <charconv>

namespace slipway {

namespace {

class DirectoryLog : public LogSource {
  public:
    explicit DirectoryLog(std::unique_ptr<LogReader> log) : log_(std::move(log)) {}

    Result<void> read(const Bound& bound, const Visitor& visit) override {
        const auto within = [&](const RecordedEvent& recorded, const Record& record) {
            return bound.contains(recorded) && visit(recorded, record.digest);
        };
        return replay(*log_, Position{1}, log_->durable(), within);
    }

    std::optional<LogHead> head() const override {
        const auto digest = log_->digest_at(end());
        if (!digest) return std::nullopt;
        return LogHead{log_->log_id(), end(), *digest};
    }

    Position end() const override { return log_->durable(); }

    // Whether the indexes hold just what the events say.
    Result<std::string_view> verified(bool whole,
                                      const LogReader::IndexCounts& events) const override {
        if (!whole) return std::string_view{"checksums, chain"};
        const auto counts = log_->count_indexes();
        if (!counts) return counts.error();
        const auto differ = [](std::string_view name, std::uint64_t found, std::uint64_t expected) {
            return Error{ErrorCode::corruption, "log: the index of " + std::string{name} + " has " +
                                                    std::to_string(found) +
                                                    " entries; the events make " +
                                                    std::to_string(expected)};
        };
        if (counts->streams != events.streams) {
            return differ("streams", counts->streams, events.streams);
        }
        if (counts->teams != events.teams) return differ("teams", counts->teams, events.teams);
        return std::string_view{"checksums, chain and indexes"};
    }

  private:
    std::unique_ptr<LogReader> log_;
};

class ServerLog : public LogSource {
  public:
    explicit ServerLog(const Settings& settings)
        : url_(settings.url), connection_(settings, std::string{}) {}

    Result<void> read(const Bound& bound, const Visitor& visit) override {
        std::optional<LogLines>& lines = lines_;
        lines.reset();
        std::optional<Error> wrong;
        bool enough = false;
        LineReader reader;
        const auto answer = connection_.follow(
            {"GET", "/v1/admin/log", {}, {}},
            [&](const HttpResponse& head, std::string_view piece) {
                if (!lines) wrong = begin(head, lines);
                return !wrong && reader.take(piece, [&](std::string_view line) {
                    const auto taken =
                        lines->take(line, [&](const RecordedEvent& recorded, const Digest& digest) {
                            return bound.contains(recorded) && visit(recorded, digest);
                        });
                    if (!taken) wrong = taken.error();
                    enough = taken && !*taken;
                    return taken && *taken;
                });
            });
        if (!answer && !lines) return not_there(answer.error());
        if (answer && answer->status != 200) return refused(*answer);
        if (!wrong && !lines) wrong = begin(*answer, lines);
        if (wrong) return *wrong;
        if (enough) return {};
        if (!answer)
            return lines->finish("the connection was lost (" + answer.error().message + ")");
        return lines->finish(reader.rest().empty()   ? "the answer ends"
                             : reader.is_over_long() ? "its line is longer than any"
                                                     : "the answer ends within its line");
    }

    std::optional<LogHead> head() const override { return lines_ ? lines_->head() : std::nullopt; }

    Position end() const override { return end_; }

    Result<std::string_view> verified(bool, const LogReader::IndexCounts&) const override {
        return std::string_view{"chain"};
    }

  private:
    Error not_there(const Error& error) const {
        std::string text = error.message + "\n  is a server of Slipway running there";
        if (url_.starts_with("https://"))
            text += ", with a certificate that this machine trusts (or --ca-file does)";
        return Error{error.code, text + "?"};
    }

    Error refused(const HttpResponse& answer) const {
        std::string text = url_ + ": " + problem_text(answer.status, answer.body, {});
        if (answer.status == 401 || answer.status == 403) {
            text +=
                "\n  the whole log is for admins: set SLIPWAY_TOKEN to the token of one, as "
                "`slipway-server token --data DIR` prints it";
        } else if (answer.status == 404) {
            text += "\n  name the URL of a server of Slipway, without the path of a route";
        }
        return Error{ErrorCode::invalid, text};
    }

    // What the head of the answer says of the lines to come.
    std::optional<Error> begin(const HttpResponse& head, std::optional<LogLines>& lines) {
        if (media_of(head) != "application/x-ndjson") {
            return Error{ErrorCode::invalid,
                         url_ + ": the answer is no log: name the URL of a server of Slipway"};
        }
        const std::string* const start = head.header("slipway-chained-to");
        const auto digest = start == nullptr ? std::nullopt : digest_of_hex(*start);
        const std::string* const end = head.header("slipway-position");
        std::uint64_t position = 0;
        if (end != nullptr) std::from_chars(end->data(), end->data() + end->size(), position);
        if (!digest || position == 0) {
            return Error{ErrorCode::corruption,
                         "log: record at position 1: the answer does not say in "
                         "Slipway-Chained-To and Slipway-Position what it follows from and where "
                         "it ends, so nothing of it is proved"};
        }
        end_ = Position{position};
        lines.emplace(*digest, end_);
        return std::nullopt;
    }

    std::string url_;
    ApiConnection connection_;
    std::optional<LogLines> lines_;
    Position end_;
};

bool is_url(const std::string& place) {
    return place.starts_with("http://") || place.starts_with("https://");
}

}  // namespace

Result<std::unique_ptr<LogSource>> LogSource::open(
    const std::string& place, const std::string& ca_file,
    const std::function<void(const std::string&)>& warn) {
    if (!is_url(place)) {
        const auto where = log_at(place);
        if (!where) return where.error();
        auto log = open_log_copy(*where);
        if (!log) return log.error();
        return std::unique_ptr<LogSource>{std::make_unique<DirectoryLog>(std::move(*log))};
    }
    const auto settings =
        read_settings({{"url", {place}}, {"ca-file", {ca_file}}}, machine_environment);
    if (const auto* const failure = std::get_if<Failure>(&settings)) {
        return Error{ErrorCode::invalid, failure->message};
    }
    for (const auto& warning : std::get<Settings>(settings).warnings) warn(warning);
    return std::unique_ptr<LogSource>{std::make_unique<ServerLog>(std::get<Settings>(settings))};
}

}  // namespace slipway
