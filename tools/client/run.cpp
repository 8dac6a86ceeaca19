#include "tools/client/run.h"

#include "tools/client/answer.h"
#include "tools/client/completion.h"
#include "tools/client/connection.h"
#include "tools/client/event_feed.h"
#include "tools/client/machine.h"
#include "tools/client/request.h"
#include "tools/client/settings.h"
#include "tools/client/show.h"

#include <iostream>

namespace slipway {

namespace {

constexpr Millis kWatchPause{1'000};
// A server that is restarted is back by then; one that is not has to be looked after.
constexpr Seconds kWatchSilenceMax{300};
constexpr std::string_view kPageMax = "200";

int say(const Failure& failure) {
    std::cerr << "slipway: " << failure.message << "\n";
    return failure.exit_code;
}

class Run {
  public:
    Run(const ClientCommand& command, const Values& values, const Settings& settings)
        : command_(command),
          values_(values),
          connection_(settings, first_value(values, "idempotency-key")),
          has_token_(!settings.token.empty()),
          own_zone_(machine_zone()) {
        reader_.offset_at = machine_offset_at;
        if (own_zone_) reader_.zone = own_zone_->zone;
        if (!has("tz")) return;
        // The server may know a zone that this machine does not.
        const std::string& typed = first_value(values, "tz");
        reader_.zone_was_typed = machine_offset_at(typed, machine_now()).has_value();
        if (reader_.zone_was_typed) reader_.zone = typed;
    }

    int run() {
        // What is read is shown in that zone by this machine; what is planned, by the server.
        if (has("tz") && !reader_.zone_was_typed && command_.method() == "GET") {
            return say({kUsage, no_such_zone_here(first_value(values_, "tz"))});
        }
        auto built = build_question(command_, values_, lookups());
        if (const auto* const failure = std::get_if<Failure>(&built)) return say(*failure);
        auto& [question, notice] = std::get<Built>(built);
        if (!notice.empty()) std::cerr << "slipway: " << notice << "\n";
        if (command_.answered == Answered::in_lines) return copy(question);
        if (command_.answered == Answered::in_events) return follow(std::move(question));
        if (command_.is_watch()) return watch(question.target);
        if (command_.is_list()) return list(std::move(question));
        const auto body = ask(question);
        if (!body) return say(failure_);
        if (!has("watch")) {
            print(*body);
            return kDone;
        }
        const Json id = member(result_of(*body), "id");
        if (!id.is_string()) return say({kUnavailable, "the answer names nothing to watch"});
        std::cerr << "slipway: watching " << id.get<std::string>() << "\n";
        std::string path{command_.watches};
        path.replace(path.find("{id}"), 4, percent_encoded(id.get<std::string>()));
        return watch(path);
    }

  private:
    bool has(std::string_view name) const { return values_.contains(name); }

    Lookups lookups();
    std::variant<std::string, Failure> app_id(const std::string& name);
    std::variant<std::string, Failure> zone_of(const std::string& target);
    Failure failure_of(const Result<HttpResponse>& answer) const;
    std::optional<std::string> ask(const Question& question);
    void learn_app_names();
    void learn_user_names();
    void print(const std::string& body);
    int list(Question question);
    int watch(const std::string& target);
    void print_change(const std::string& body);
    int copy(const Question& question);
    int follow(Question question);
    bool print_event(const std::string& event);
    void was_heard();
    bool waits_on(bool was_ever_heard);

    const ClientCommand& command_;
    const Values& values_;
    ApiConnection connection_;
    bool has_token_;
    std::optional<ZoneGuess> own_zone_;
    Reader reader_;
    Failure failure_;  // of the last request
    Instant last_heard_ = machine_now();
    bool was_silent_ = false;
};

Lookups Run::lookups() {
    return {machine_now(),
            first_value(values_, "tz"),
            own_zone_,
            machine_offset_at,
            [this](const std::string& name) { return app_id(name); },
            [this](const std::string& target) { return zone_of(target); },
            read_input};
}

// Why an answer is none that was hoped for; kDone if it is.
Failure Run::failure_of(const Result<HttpResponse>& answer) const {
    if (!answer) return {kUnavailable, answer.error().message};
    if (answer->status == 304 || (answer->status >= 200 && answer->status < 300)) {
        return {kDone, {}};
    }
    std::string text = problem_text(answer->status, answer->body, command_);
    if (answer->status == 401 && !has_token_) {
        text += "\n  there is no token: SLIPWAY_TOKEN, --token-file or the settings";
    }
    return {exit_code_of(answer->status), std::move(text)};
}

// The body of the answer; nothing if it is a refusal, and failure_ says why.
std::optional<std::string> Run::ask(const Question& question) {
    auto answer = connection_.ask(question);
    failure_ = failure_of(answer);
    const bool is_done = failure_.exit_code == kDone;
    if (is_done && (answer->status == 304 || parsed(answer->body).contains("result"))) {
        return std::move(answer->body);
    }
    if (is_done)
        failure_ = {kUnavailable, "the answer is none of a Slipway server; is the URL right?"};
    if (answer && has("json")) std::cout << answer->body << "\n";
    return std::nullopt;
}

std::variant<std::string, Failure> Run::app_id(const std::string& name) {
    const auto body = ask({"GET", "/v1/apps?name=" + percent_encoded(name), {}, {}});
    if (!body) return failure_;
    for (const Json& app : result_of(*body)) {
        const Json id = member(app, "id");
        if (id.is_string()) return id.get<std::string>();
    }
    return Failure{kNotFound, "there is no app of the name \"" + name + "\""};
}

std::variant<std::string, Failure> Run::zone_of(const std::string& target) {
    const auto body = ask({"GET", target, {}, {}});
    if (!body) return failure_;
    const Json zone = member(result_of(*body), "timezone");
    if (zone.is_string()) return zone.get<std::string>();
    return Failure{kUnavailable, target + ": the answer names no time zone"};
}

// One page of names is worth a request; an app beyond it is shown by its id.
void Run::learn_app_names() {
    const auto answer = connection_.ask({"GET", "/v1/apps?limit=" + std::string{kPageMax}, {}, {}});
    if (!answer || answer->status != 200) return;
    for (const Json& app : result_of(answer->body)) {
        const Json id = member(app, "id");
        const Json name = member(app, "name");
        if (id.is_string() && name.is_string()) {
            reader_.app_names[id.get<std::string>()] = name.get<std::string>();
        }
    }
}

// How the members of one's teams are called; a user who is in none of them is shown by the id.
void Run::learn_user_names() {
    const auto answer = connection_.ask({"GET", "/v1/teams", {}, {}});
    if (!answer || answer->status != 200) return;
    for (const Json& team : result_of(answer->body)) {
        for (const Json& one : member(team, "members")) {
            const Json user = member(one, "user");
            const Json name = member(one, "name");
            if (!user.is_string() || !name.is_string() || name.empty()) continue;
            const auto text = name.get<std::string>();
            if (!text.empty()) reader_.user_names[user.get<std::string>()] = text;
        }
    }
}

void Run::print(const std::string& body) {
    if (has("json")) {
        std::cout << body << "\n";
        return;
    }
    if (body.find("\"app\":") != std::string::npos) learn_app_names();
    if (body.find("\"created_by\":") != std::string::npos) learn_user_names();
    std::cout << (command_.is_list() ? table(command_.columns, body, reader_)
                                     : listing(body, reader_));
}

int Run::list(Question question) {
    const bool all = has("all");
    if (all && !has("limit")) {
        question.target += question.target.find('?') == std::string::npos ? '?' : '&';
        question.target += "limit=" + std::string{kPageMax};
    }
    const std::string target = question.target;
    Json joined;
    for (bool more = true; more;) {
        const auto body = ask(question);
        if (!body) return say(failure_);
        Json page = parsed(*body);
        const Json cursor = member(page, "next_cursor");
        more = all && cursor.is_string();
        if (!more && joined.is_null()) {
            print(*body);
            if (cursor.is_string() && !has("json")) {
                std::cerr << "slipway: there is more: --all, or --cursor "
                          << cursor.get<std::string>() << "\n";
            }
            return kDone;
        }
        if (joined.is_null()) joined = {{"result", Json::array()}, {"next_cursor", nullptr}};
        for (Json& item : page["result"]) joined["result"].push_back(std::move(item));
        if (more) {
            question.target = target + "&cursor=" + percent_encoded(cursor.get<std::string>());
        }
    }
    print(joined.dump(-1, ' ', false, Json::error_handler_t::replace));
    return kDone;
}

void Run::print_change(const std::string& body) {
    if (has("json")) {
        std::cout << body << std::endl;
        return;
    }
    std::cout << shown_to(reader_, machine_now()) << "  " << status_line(body) << std::endl;
}

void Run::was_heard() {
    last_heard_ = machine_now();
    was_silent_ = false;
}

// Whether a server that does not answer is worth waiting for.
bool Run::waits_on(bool was_ever_heard) {
    if (!was_ever_heard || machine_now() - last_heard_ > kWatchSilenceMax) return false;
    if (!was_silent_) std::cerr << "slipway: no answer; asking on\n";
    was_silent_ = true;
    return true;
}

int Run::watch(const std::string& target) {
    Question question{"GET", target, {}, {}};
    std::string shown;
    was_heard();
    for (;; machine_pause(kWatchPause)) {
        const auto answer = connection_.ask(question);
        const Failure refusal = failure_of(answer);
        if (refusal.exit_code == kUnavailable) {
            if (!waits_on(!command_.is_watch() || !shown.empty() || answer)) return say(refusal);
            continue;
        }
        was_heard();
        if (answer->status == 304) continue;
        if (refusal.exit_code != kDone) return say(refusal);
        if (const std::string line = status_line(answer->body); line != shown) {
            print_change(answer->body);
            shown = line;
        }
        const Ending ending = ending_of(answer->body);
        if (ending != Ending::none) return ending == Ending::good ? kDone : kEndedOtherwise;
        const std::string* const tag = answer->header("etag");
        question.headers.clear();
        if (tag != nullptr) question.headers.emplace_back("If-None-Match", *tag);
    }
}

// What comes is handed on as it is; who reads it proves it.
int Run::copy(const Question& question) {
    const auto answer =
        connection_.follow(question, [](const HttpResponse&, std::string_view piece) {
            std::cout << piece;
            return static_cast<bool>(std::cout);
        });
    std::cout.flush();
    if (!std::cout) return say({kUsage, "the output could not be written"});
    const Failure failure = failure_of(answer);
    return failure.exit_code == kDone ? kDone : say(failure);
}

bool Run::print_event(const std::string& event) {
    std::cout << (has("json") ? event : event_line(event, reader_)) << std::endl;
    return static_cast<bool>(std::cout);
}

// A server that ends a stream has its reasons: asked again, it goes on, or says what they are.
int Run::follow(Question question) {
    machine_end_on_interrupt();
    bool was_ever_heard = false;
    for (;; machine_pause(kWatchPause)) {
        EventFeed feed;
        std::string last;
        const auto answer =
            connection_.follow(question, [&](const HttpResponse& head, std::string_view piece) {
                was_ever_heard = media_of(head) == "text/event-stream";
                was_heard();
                return was_ever_heard && feed.take(piece, [&](const EventFeed::Message& message) {
                    last = message.id;
                    return print_event(message.data);
                });
            });
        if (!std::cout) return say({kUsage, "the output could not be written"});
        const Failure failure = failure_of(answer);
        if (failure.exit_code == kDone && media_of(*answer) != "text/event-stream") {
            return say({kUnavailable,
                        "the answer is no stream of events: --url has to name a "
                        "server of Slipway"});
        }
        if (!last.empty()) question.headers = {{"Last-Event-ID", last}};
        if (failure.exit_code == kDone) continue;
        if (failure.exit_code != kUnavailable || !waits_on(was_ever_heard)) return say(failure);
    }
}

}  // namespace

int exit_code_of(int status) {
    switch (status) {
        case 401:
        case 403:
            return kNotAllowed;
        case 404:
            return kNotFound;
        case 409:
        case 412:
            return kConflict;
        default:
            return status >= 400 && status < 500 ? kRefused : kUnavailable;
    }
}

int run_command(const ClientCommand& command, const Values& values) {
    if (command.group() == "completion") {
        std::cout << completion_script(command.name());
        return kDone;
    }
    const auto settings = read_settings(values, machine_environment);
    if (const auto* const failure = std::get_if<Failure>(&settings)) return say(*failure);
    for (const auto& warning : std::get<Settings>(settings).warnings) {
        std::cerr << "slipway: " << warning << "\n";
    }
    return Run{command, values, std::get<Settings>(settings)}.run();
}

}  // namespace slipway
