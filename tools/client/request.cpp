#include "tools/client/request.h"

#include "eventlog/base/id.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace slipway {

namespace {

using Json = nlohmann::ordered_json;

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) return {};
    return value;
}

// Puts `value` at `pointer`; what lies in the way and is no object becomes one.
void put(Json& root, std::string_view pointer, Json value) {
    Json* at = &root;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const auto end = std::min(pointer.find('/'), pointer.size());
        if (!at->is_object()) *at = Json::object();
        at = &(*at)[std::string{pointer.substr(0, end)}];
        pointer.remove_prefix(end);
    }
    *at = std::move(value);
}

// The first failure stays, and nothing is done after it.
class Builder {
  public:
    Builder(const ClientCommand& command, const Values& values, const Lookups& lookups)
        : command_(command), values_(values), lookups_(lookups), path_(command.path()) {}

    std::variant<Built, Failure> build() {
        body_ = Json::parse(command_.body, nullptr, false);
        if (body_.is_discarded()) body_ = Json::object();
        for (const Kind first_kind : {Kind::file, Kind::text}) {
            for (const Argument& argument : command_.arguments) {
                if ((argument.kind == Kind::file) != (first_kind == Kind::file)) continue;
                const auto typed = values_.find(argument.name);
                if (typed == values_.end()) continue;
                for (const std::string& text : typed->second) take(argument, text);
            }
        }
        take_zone();
        if (failure_) return std::move(*failure_);
        Question question{std::string{command_.method()}, path_ + query_, {}, std::move(headers_)};
        const bool may_be_empty = command_.method() == "GET" || command_.method() == "DELETE";
        if (!may_be_empty || !body_.empty()) {
            question.body = body_.dump(-1, ' ', false, Json::error_handler_t::replace);
        }
        return Built{std::move(question), std::move(notice_)};
    }

  private:
    void fail(int exit_code, std::string message) {
        if (!failure_) failure_ = Failure{exit_code, std::move(message)};
    }
    void refuse(const Argument& argument, const std::string& text, std::string_view accepted) {
        const std::string name{argument.name};
        fail(kUsage, (argument.is_positional() ? name : "--" + name) + ": is \"" + text + "\"; " +
                         std::string{accepted});
    }

    void take(const Argument& argument, const std::string& text);
    void take_file(const Argument& argument, const std::string& text);
    void take_secret(const Argument& argument, const std::string& text);
    void take_label(const Argument& argument, const std::string& text);
    void take_dependency(const Argument& argument, const std::string& text);
    void take_wall_clock(const Argument& argument, std::string text);
    void take_from_now(const Argument& argument, const std::string& text);
    void take_instant(const Argument& argument, const std::string& text);
    void take_zone();
    void send_instant(Instant at, const std::string& zone);
    void send(const Argument& argument, const Json& value);

    Json& labels_at(const Argument& argument) {
        Json& labels = body_[std::string{argument.to.substr(1)}];
        if (!labels.is_object()) labels = Json::object();
        return labels;
    }
    std::string app_id(const std::string& text);
    std::string own_zone();
    std::string zone_of_plan();
    std::optional<LocalTime> now_in(const std::string& zone);

    const ClientCommand& command_;
    const Values& values_;
    const Lookups& lookups_;
    std::string path_;
    std::string query_;
    HttpHeaders headers_;
    Json body_;
    std::string notice_;
    bool at_taken_ = false;
    std::optional<Failure> failure_;
};

void Builder::take(const Argument& argument, const std::string& text) {
    if (failure_) return;
    if (text.empty() && argument.is_positional()) {
        return refuse(argument, text, "something is needed");
    }
    switch (argument.kind) {
        case Kind::text:
            return send(argument, text);
        case Kind::flag:
            if (argument.choices.empty()) return send(argument, true);
            return send(argument, argument.choices);
        case Kind::number:
            if (const auto number = number_of(text)) return send(argument, *number);
            return refuse(argument, text, "a whole number is accepted");
        case Kind::version:
            if (!number_of(text)) return refuse(argument, text, "a version is a whole number");
            headers_.emplace_back(argument.to, '"' + text + '"');
            return;
        case Kind::app:
            return send(argument, app_id(text));
        case Kind::label:
            return take_label(argument, text);
        case Kind::unlabel:
            labels_at(argument)[text] = nullptr;
            return;
        case Kind::dependency:
            return take_dependency(argument, text);
        case Kind::wall_clock:
            return take_wall_clock(argument, text);
        case Kind::from_now:
            return take_from_now(argument, text);
        case Kind::instant:
            return take_instant(argument, text);
        case Kind::file:
            return take_file(argument, text);
        case Kind::secret:
            return take_secret(argument, text);
        case Kind::local:
            return;
    }
}

void Builder::send(const Argument& argument, const Json& value) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (argument.to.starts_with('?')) {
        query_ += query_.empty() && path_.find('?') == std::string::npos ? '?' : '&';
        query_ += std::string{argument.to.substr(1)} + "=" + percent_encoded(text);
    } else if (argument.to.starts_with('{')) {
        const auto at = path_.find(argument.to);
        CHECK(at != std::string::npos);
        path_.replace(at, argument.to.size(), percent_encoded(text));
    } else {
        put(body_, argument.to, value);
    }
}

void Builder::take_file(const Argument& argument, const std::string& text) {
    const auto content = lookups_.read_input(text);
    if (!content) return fail(kUsage, "--file: " + content.error().message);
    Json read = Json::parse(*content, nullptr, false);
    if (!read.is_object()) return refuse(argument, text, "which holds no JSON object");
    // In a patch, null says something.
    if (body_.empty()) {
        body_ = std::move(read);
    } else {
        body_.merge_patch(read);
    }
}

void Builder::take_secret(const Argument& argument, const std::string& text) {
    const auto content = lookups_.read_input(text);
    if (!content) return fail(kUsage, std::string{argument.name} + ": " + content.error().message);
    send(argument, content->substr(0, content->find_first_of(" \t\r\n")));
}

void Builder::take_label(const Argument& argument, const std::string& text) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
        return refuse(argument, text, "NAME=VALUE is accepted");
    }
    labels_at(argument)[text.substr(0, equals)] = text.substr(equals + 1);
}

void Builder::take_dependency(const Argument& argument, const std::string& text) {
    const auto colon = text.rfind(':');
    const auto lead = colon == std::string::npos
                          ? std::nullopt
                          : number_of(std::string_view{text}.substr(colon + 1));
    if (colon != std::string::npos && !lead) {
        return refuse(argument, text, "APP or APP:LEAD_MINUTES is accepted");
    }
    Json one{{"app", app_id(text.substr(0, colon))}};
    if (lead) one["lead_minutes"] = *lead;
    Json& all = body_[std::string{argument.to.substr(1)}];
    if (all.is_null()) {
        all = std::move(one);
        return;
    }
    if (!all.is_array()) all = Json::array({all});
    all.push_back(std::move(one));
}

std::string Builder::app_id(const std::string& text) {
    if (AppId::parse(text)) return text;
    auto found = lookups_.app_id(text);
    if (auto* const id = std::get_if<std::string>(&found)) return std::move(*id);
    failure_ = std::get<Failure>(std::move(found));
    return {};
}

// The zone for what was typed without one.
std::string Builder::own_zone() {
    if (!lookups_.zone.empty()) return lookups_.zone;
    if (!lookups_.own_zone) {
        fail(kUsage,
             "--tz: this machine does not say in which zone it is; name one, such as "
             "America/New_York");
        return {};
    }
    notice_ = "the time zone is " + lookups_.own_zone->zone + ", since " +
              std::string{lookups_.own_zone->because} + "; --tz names another";
    return lookups_.own_zone->zone;
}

// As own_zone(), but what is planned already stays in its zone.
std::string Builder::zone_of_plan() {
    if (!lookups_.zone.empty() || command_.method() != "PATCH") return own_zone();
    auto found = lookups_.zone_of(path_);
    if (auto* const zone = std::get_if<std::string>(&found)) return std::move(*zone);
    failure_ = std::get<Failure>(std::move(found));
    return {};
}

std::optional<LocalTime> Builder::now_in(const std::string& zone) {
    auto local = local_in(zone, lookups_.now, lookups_.offset_at);
    if (!local) {
        fail(kUsage, no_such_zone_here(zone));
    }
    return local;
}

void Builder::take_wall_clock(const Argument& argument, std::string text) {
    if (at_taken_) return fail(kUsage, "--at stands beside --in; say it one way");
    at_taken_ = true;
    // With its zone in brackets it is the server's to read: that checks the offset, too.
    if (is_zoned(text)) return put(body_, argument.to, text);
    std::string zone = lookups_.zone;
    if (const auto bracket = text.find('['); bracket != text.npos && text.back() == ']') {
        zone = text.substr(bracket + 1, text.size() - bracket - 2);
        text.resize(bracket);
    }
    const auto instant = instant_as_typed(text);
    const bool keeps_zone = command_.method() == "PATCH" && is_absolute(text) && !instant;
    if (zone.empty() && !keeps_zone) zone = zone_of_plan();
    if (failure_) return;
    if (instant) return send_instant(*instant, zone);
    // A clock in full is the server's to read: its zones may be newer than this machine's.
    const auto now = is_absolute(text) ? LocalTime{} : now_in(zone);
    if (!now) return;
    const auto local = local_as_typed(text, *now);
    if (!local) {
        return refuse(argument, text,
                      "a wall clock such as \"2027-02-10 03:00\", \"tomorrow 03:00\", \"friday "
                      "3:00\" or \"03:00\"");
    }
    put(body_, argument.to, to_text(*local));
    if (!zone.empty()) put(body_, "/timezone", zone);
}

void Builder::take_from_now(const Argument& argument, const std::string& text) {
    if (at_taken_) return fail(kUsage, "--at stands beside --in; say it one way");
    at_taken_ = true;
    const auto duration = duration_as_typed(text);
    if (!duration) return refuse(argument, text, "a duration such as 2h, 1h30m or 2d");
    const std::string zone = zone_of_plan();
    if (!failure_) send_instant(lookups_.now + *duration, zone);
}

// An instant travels as the wall clock of its zone; where that comes twice, it says which is meant.
void Builder::send_instant(Instant at, const std::string& zone) {
    if (!now_in(zone)) return;
    const LocalTime local = *local_in(zone, at, lookups_.offset_at);
    put(body_, "/at", to_text(local));
    put(body_, "/timezone", zone);
    const Instant first_time = *instant_in(zone, local, lookups_.offset_at);
    if (first_time < date::floor<Seconds>(at)) put(body_, "/disambiguation", "later");
}

void Builder::take_instant(const Argument& argument, const std::string& text) {
    if (const auto instant = instant_of(text)) return send(argument, to_text(*instant));
    const std::string zone = own_zone();
    if (failure_) return;
    const auto now = now_in(zone);
    if (!now) return;
    auto local = local_as_typed(text, *now);
    if (!local) local = local_as_typed(text + " 00:00", *now);
    if (!local) {
        return refuse(argument, text,
                      "a time such as 2027-02-10, \"tomorrow 03:00\" or "
                      "2027-02-10T08:00:00Z");
    }
    send(argument, to_text(*instant_in(zone, *local, lookups_.offset_at)));
}

// Of a plan that is changed without another clock, --tz alone changes the zone.
void Builder::take_zone() {
    const bool plans = std::ranges::any_of(command_.arguments, [](const Argument& argument) {
        return argument.kind == Kind::wall_clock;
    });
    if (plans && !at_taken_ && !lookups_.zone.empty()) put(body_, "/timezone", lookups_.zone);
}

}  // namespace

std::variant<Built, Failure> build_question(const ClientCommand& command, const Values& values,
                                            const Lookups& lookups) {
    return Builder{command, values, lookups}.build();
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    constexpr std::string_view kPlain = "-._~";
    std::string out;
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || kPlain.find(c) != std::string_view::npos;
        if (is_plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
    return out;
}

}  // namespace slipway
