#include "tools/client/show.h"

#include "eventlog/base/id.h"
#include "eventlog/base/unicode.h"
#include "eventlog/events/vocabulary.h"
#include "tools/client/answer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace slipway {

namespace {

// What people read otherwise in the line of the time that it adds up to.
constexpr std::string_view kFoldedIntoDue[] = {
    "year", "month", "day", "hour", "minute", "entry_key", "utc_offset_seconds"};

std::string text_at(const Json& json, std::string_view name) {
    const Json value = member(json, name);
    return value.is_string() ? value.get<std::string>() : std::string{};
}

// Text that others wrote may not steer the terminal. A note of several lines is shown on one.
std::string printable(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    std::ranges::replace(text, '\t', ' ');
    return shown_safely(text);
}

std::size_t columns_of(std::string_view text) {
    // Bytes that continue a character of UTF-8 take no column.
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; }));
}

std::string padded(std::string text, std::size_t width) {
    const auto columns = columns_of(text);
    if (columns < width) text.append(width - columns, ' ');
    return text;
}

// `owner` is the object that it stands in: a schedule's due time is shown on the schedule's clock.
std::string shown_instant(Instant at, std::string_view name, const Json& owner,
                          const Reader& reader) {
    if (name == "due_at" && !reader.zone_was_typed &&
        member(owner, "utc_offset_seconds").is_number_integer()) {
        return shown_time(at, Seconds{owner.at("utc_offset_seconds").get<int>()},
                          printable(text_at(owner, "timezone")));
    }
    return shown_to(reader, at);
}

std::string shown_value(const Json& value, std::string_view name, const Json& owner,
                        const Reader& reader) {
    if (value.is_array()) return std::to_string(value.size());
    if (!value.is_string()) return value.is_null() ? "" : value.dump();
    const auto& text = value.get_ref<const std::string&>();
    if (const auto at = instant_of(text)) return shown_instant(*at, name, owner, reader);
    const auto known = name == "app" ? reader.app_names.find(text) : reader.app_names.end();
    if (known != reader.app_names.end()) return printable(known->second);
    const auto person = reader.user_names.find(text);
    return printable(person == reader.user_names.end() ? text : person->second + " (" + text + ")");
}

bool is_empty(const Json& value) {
    return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
           (value.is_structured() && value.empty());
}

bool is_hidden(const Json& object, const std::string& name) {
    if (is_empty(object.at(name))) return true;
    if (!object.contains("utc_offset_seconds")) return false;
    if (name == "original_timezone") return object.at(name) == member(object, "timezone");
    return std::ranges::find(kFoldedIntoDue, name) != std::end(kFoldedIntoDue);
}

// What the warnings of the API say.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kWarnings{{
    {"dependency_lead_shortened", "there is less time than its lead before it: the lead is cut"},
    {"local_time_shifted", "its clock skips that time: it runs as far after the gap"},
    {"same_app_same_time", "the same app is deployed at the same instant by the schedules below"},
    {"older_than_live", "it is pinned to an older version than the one that was deployed last"},
    {"fixed_offset_zone", "the clocks of its zone never change; another zone may be meant"},
    {"secret_in_url",
     "the target's URL looks as if it had a secret in it, which everybody reads "
     "who reads the app: store a credential"},
}};

std::string sentence_of(const Json& warning) {
    if (!warning.is_string()) return warning.dump();
    const auto& name = warning.get_ref<const std::string&>();
    const auto* const known =
        std::ranges::find(kWarnings, name, [](const auto& w) { return w.first; });
    return printable(known == kWarnings.end() ? name : name + ": " + std::string{known->second});
}

void list_object(std::string& out, const Json& object, const std::string& indent,
                 const Reader& reader);

void list_array(std::string& out, const Json& array, const std::string& indent,
                const Reader& reader) {
    for (const Json& item : array) {
        if (!item.is_object()) {
            out += indent + "- " + shown_value(item, "", array, reader) + "\n";
            continue;
        }
        const auto begin = out.size();
        list_object(out, item, indent + "  ", reader);
        if (out.size() > begin) out[begin + indent.size()] = '-';
    }
}

void list_object(std::string& out, const Json& object, const std::string& indent,
                 const Reader& reader) {
    if (!object.is_object()) return;
    std::size_t width = 0;
    for (const auto& [name, value] : object.items()) {
        if (!is_hidden(object, name) && !value.is_structured()) {
            width = std::max(width, columns_of(printable(name)));
        }
    }
    for (const auto& [name, value] : object.items()) {
        if (is_hidden(object, name)) continue;
        if (value.is_object()) {
            out += indent + printable(name) + "\n";
            list_object(out, value, indent + "  ", reader);
        } else if (value.is_array()) {
            out += indent + printable(name) + "\n";
            if (name == "warnings") {
                for (const Json& warning : value)
                    out += indent + "  - " + sentence_of(warning) + "\n";
            } else {
                list_array(out, value, indent + "  ", reader);
            }
        } else {
            std::string shown = shown_value(value, name, object, reader);
            if (name == "app" && reader.app_names.contains(text_at(object, name))) {
                shown += "  (" + value.get<std::string>() + ")";
            }
            out += indent + padded(printable(name), width) + "  " + shown + "\n";
        }
    }
}

// The cell of a column, NAME=/pointer.
std::string cell(const std::string& column, const Json& item, const Reader& reader) {
    const Json::json_pointer pointer{column.substr(column.find('=') + 1)};
    if (!item.contains(pointer)) return {};
    return shown_value(item.at(pointer), pointer.back(), item, reader);
}

// The option or the place that a field of a request comes from.
std::string source_of(const std::string& pointer, const ClientCommand& command) {
    for (const Argument& argument : command.arguments) {
        if (argument.to.empty() || argument.to.front() == '{') continue;
        const bool inside = argument.is_repeatable() && pointer.starts_with(argument.to) &&
                            pointer.substr(argument.to.size()).starts_with('/');
        if (pointer != argument.to && !inside) continue;
        const std::string name{argument.name};
        return (argument.is_positional() ? name : "--" + name) + " (" + pointer + ")";
    }
    return pointer == "/timezone" ? "--tz (/timezone)" : pointer;
}

// What the answer lists beside its errors, a line each: what could be sent instead, and what is in
// the way.
std::string shown_alternatives(const Json& problem) {
    std::string text;
    for (const Json& candidate : member(problem, "candidates")) {
        const Json offset = member(candidate, "utc_offset_seconds");
        const Seconds seconds{offset.is_number_integer() ? offset.get<int>() : 0};
        text += "\n  possible: " + text_at(candidate, "at") + offset_text(seconds) + "  (" +
                text_at(candidate, "due_at") + ")";
    }
    for (const Json& timezone : member(problem, "timezones")) {
        if (timezone.is_string()) text += "\n  possible: --tz " + timezone.get<std::string>();
    }
    const Json schedules = member(problem, "schedules");
    for (const Json& schedule : schedules) {
        text += "\n  " + text_at(schedule, "id") + "  " + text_at(schedule, "status") + "  " +
                text_at(schedule, "due_at");
    }
    const Json in_all = member(problem, "schedules_in_all");
    if (in_all.is_number_unsigned() && in_all.get<std::size_t>() > schedules.size()) {
        text += "\n  … " + in_all.dump() + " in all";
    }
    return text;
}

}  // namespace

std::string shown_to(const Reader& reader, Instant at) {
    const auto offset = reader.offset_at(reader.zone, at);
    return shown_time(at, offset.value_or(Seconds{0}), offset ? reader.zone : "UTC");
}

std::string table(std::string_view columns_text, const std::string& body, const Reader& reader) {
    const auto columns = words_of(columns_text);
    std::vector<std::vector<std::string>> rows(1);
    for (const auto& column : columns) rows.front().push_back(column.substr(0, column.find('=')));
    for (const Json& item : result_of(body)) {
        auto& row = rows.emplace_back();
        for (const auto& column : columns) row.push_back(cell(column, item, reader));
    }
    std::vector<std::size_t> widths(columns.size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], columns_of(row[i]));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += padded(row[i], widths[i] + 2);
        line.resize(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string listing(const std::string& body, const Reader& reader) {
    std::string out;
    list_object(out, result_of(body), "", reader);
    return out;
}

std::string status_line(const std::string& body) {
    const Json result = result_of(body);
    std::string line = text_at(result, "status");
    for (const std::string_view why : {"status_reason", "status_note"}) {
        if (const auto text = text_at(result, why); !text.empty()) line += ": " + text;
    }
    const Json attempts = member(result, "attempts");
    if (!attempts.is_array() || attempts.empty()) return printable(line);
    const Json& last = attempts.back();
    line += "; attempt " + member(last, "number").dump() + " " + text_at(last, "outcome");
    for (const std::string_view why : {"cause", "detail"}) {
        if (const auto text = text_at(last, why); !text.empty()) line += ", " + text;
    }
    const Json status = member(last, "http_status");
    if (!status.is_null()) line += ", HTTP " + status.dump();
    return printable(line);
}

std::string event_line(const std::string& event, const Reader& reader) {
    const Json json = parsed(event);
    const auto at = instant_of(text_at(json, "recorded_at"));
    const Json actor = member(json, "actor");
    std::string line = member(json, "position").dump();
    for (const std::string& part :
         {at ? shown_to(reader, *at) : "", text_at(json, "type"), text_at(json, "stream"),
          text_at(actor, "kind") + " " + text_at(actor, "user")}) {
        line += "  " + part;
    }
    line.resize(line.find_last_not_of(' ') + 1);
    return printable(line);
}

Ending ending_of(const std::string& body) {
    const auto status = value_of<ScheduleStatus>(text_at(result_of(body), "status"));
    // What is unknown stays so until its target or a person says how it ended.
    if (status == ScheduleStatus::unknown) return Ending::bad;
    if (!status || !is_terminal(*status)) return Ending::none;
    return *status == ScheduleStatus::succeeded ? Ending::good : Ending::bad;
}

std::string problem_text(int status, const std::string& body, const ClientCommand& command) {
    const Json problem = parsed(body);
    const std::string code = text_at(problem, "code");
    if (code.empty()) {
        constexpr std::size_t kShownMax = 200;
        return std::to_string(status) + ": " + printable(body.substr(0, kShownMax));
    }
    std::string text =
        printable(std::to_string(status) + " " + code + ": " + text_at(problem, "detail"));
    const Json errors = member(problem, "errors");
    for (const Json& error : errors) {
        text += "\n  " + printable(source_of(text_at(error, "pointer"), command) + ": " +
                                   text_at(error, "detail"));
    }
    std::string alternatives = shown_alternatives(problem);
    // Line by line: a line break is no text of the server.
    for (std::size_t at = 0; at < alternatives.size();) {
        const auto end = std::min(alternatives.find('\n', at + 1), alternatives.size());
        text += "\n" + printable(alternatives.substr(at + 1, end - at - 1));
        at = end;
    }
    if (status >= 500) text += "\n  request " + printable(text_at(problem, "request_id"));
    return text;
}

}  // namespace slipway
