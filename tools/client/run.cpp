#include "tools/client/run.h"

#include "tools/client/completion.h"
#include "tools/client/connection.h"
#include "tools/client/machine.h"
#include "tools/client/request.h"
#include "tools/client/settings.h"
#include "tools/client/show.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace slipway {

namespace {

using Json = nlohmann::ordered_json;

constexpr Millis kWatchPause{1'000};
// A server that is restarted is back by then; one that is not has to be looked after.
constexpr Seconds kWatchSilenceMax{300};
constexpr std::string_view kPageMax = "200";

int say(const Failure& failure) {
    std::cerr << "slipway: " << failure.message << "\n";
    return failure.exit_code;
}

Json parsed(const std::string& body) {
    return Json::parse(body, nullptr, false);
}

// Null if there is none.
Json member(const Json& json, const char* name) {
    const auto at = json.is_object() ? json.find(name) : json.end();
    return at == json.end() ? Json{} : *at;
}

Json result_of(const std::string& body) {
    return member(parsed(body), "result");
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
        auto built = build_question(command_, values_, lookups());
        if (const auto* const failure = std::get_if<Failure>(&built)) return say(*failure);
        auto& [question, notice] = std::get<Built>(built);
        if (!notice.empty()) std::cerr << "slipway: " << notice << "\n";
        if (command_.is_watch()) return watch(question.target);
        if (command_.is_list()) return list(std::move(question));
        const auto body = ask(question);
        if (!body) return say(*failure_);
        if (!has("watch")) {
            print(*body);
            return kDone;
        }
        const Json id = member(result_of(*body), "id");
        if (!id.is_string()) return say({kUnavailable, "the answer names nothing to watch"});
        std::string path{command_.watches};
        path.replace(path.find("{id}"), 4, percent_encoded(id.get<std::string>()));
        return watch(path);
    }

  private:
    bool has(std::string_view name) const { return values_.contains(name); }

    Lookups lookups();
    std::variant<std::string, Failure> app_id(const std::string& name);
    std::variant<std::string, Failure> zone_of(const std::string& target);
    std::optional<std::string> ask(const Question& question);
    void learn_app_names();
    void print(const std::string& body);
    int list(Question question);
    int watch(const std::string& target);
    void print_change(const std::string& body);

    const ClientCommand& command_;
    const Values& values_;
    ApiConnection connection_;
    bool has_token_;
    std::optional<ZoneGuess> own_zone_;
    Reader reader_;
    bool knows_names_ = false;
    std::optional<Failure> failure_;
};

Lookups Run::lookups() {
    return {machine_now(),
            first_value(values_, "tz"),
            own_zone_,
            machine_offset_at,
            [this](const std::string& name) { return app_id(name); },
            [this](const std::string& target) { return zone_of(target); },
            read_file};
}

// The body of the answer; nothing if it is a refusal, and failure_ says why.
std::optional<std::string> Run::ask(const Question& question) {
    auto answer = connection_.ask(question);
    if (!answer) {
        failure_ = Failure{kUnavailable, answer.error().message};
        return std::nullopt;
    }
    if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
    failure_ =
        Failure{exit_code_of(answer->status), problem_text(answer->status, answer->body, command_)};
    if (answer->status == 401 && !has_token_) {
        failure_->message += "\n  there is no token: SLIPWAY_TOKEN, --token-file or the settings";
    }
    if (has("json")) std::cout << answer->body << "\n";
    return std::nullopt;
}

std::variant<std::string, Failure> Run::app_id(const std::string& name) {
    const auto body = ask({"GET", "/v1/apps?name=" + percent_encoded(name), {}, {}});
    if (!body) return *failure_;
    for (const Json& app : result_of(*body)) {
        const Json id = member(app, "id");
        if (id.is_string()) return id.get<std::string>();
    }
    return Failure{kNotFound, "there is no app of the name \"" + name + "\""};
}

std::variant<std::string, Failure> Run::zone_of(const std::string& target) {
    const auto body = ask({"GET", target, {}, {}});
    if (!body) return *failure_;
    const Json zone = member(result_of(*body), "timezone");
    if (zone.is_string()) return zone.get<std::string>();
    return Failure{kUnavailable, target + ": the answer names no time zone"};
}

// One page of names is worth a request; an app beyond it is shown by its id.
void Run::learn_app_names() {
    if (knows_names_) return;
    knows_names_ = true;
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

void Run::print(const std::string& body) {
    if (has("json")) {
        std::cout << body << "\n";
        return;
    }
    if (body.find("\"app\":") != std::string::npos) learn_app_names();
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
        if (!body) return say(*failure_);
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

int Run::watch(const std::string& target) {
    Question question{"GET", target, {}, {}};
    std::string shown;
    std::optional<Instant> silent_since;
    while (true) {
        const auto answer = connection_.ask(question);
        const bool is_silent = !answer || answer->status >= 500;
        if (is_silent) {
            const Instant now = machine_now();
            if (shown.empty() && !answer) return say({kUnavailable, answer.error().message});
            if (!silent_since) {
                silent_since = now;
                std::cerr << "slipway: no answer; asking on\n";
            }
            if (now - *silent_since > kWatchSilenceMax) {
                return say({kUnavailable, "no answer any more: it may have ended otherwise"});
            }
        } else {
            silent_since.reset();
        }
        if (!is_silent && answer->status != 304) {
            if (answer->status != 200) {
                return say({exit_code_of(answer->status),
                            problem_text(answer->status, answer->body, command_)});
            }
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
        machine_pause(kWatchPause);
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
