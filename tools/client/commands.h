// The commands of `slipway`, as data: what each asks of the server, what may be said with it, and
// how the answer is shown. A new route of the API is one new entry in commands.cpp; the command
// line, the help, the completion and the request follow from it.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// How a word of the command line becomes a value.
enum class Kind {
    text,
    number,
    flag,        // takes no value; what is sent is its only choice, or true
    app,         // the name of an app, or its id
    label,       // NAME=VALUE; repeatable
    unlabel,     // NAME; repeatable
    dependency,  // APP[:LEAD_MINUTES]; repeatable
    wall_clock,  // as people type it; see when.h
    from_now,    // a duration from now
    instant,     // as a wall clock, or RFC 3339
    version,     // goes into If-Match
    file,        // a file of JSON, or - for standard input: the rest is laid over it
    secret,      // a file that holds it, or -; never on the command line, which others may read
    local,       // for the client itself; nothing is sent
};

struct Argument {
    std::string_view name;  // "environment" is given as --environment, "APP" by its place
    // Where it goes, spelled as the API's problems spell it: "/target/url" in the body, "?name" in
    // the query, "{app}" in the path.
    std::string_view to;
    Kind kind = Kind::text;
    std::string_view about;
    std::string_view choices = {};  // separated by blanks

    bool is_positional() const { return name.front() >= 'A' && name.front() <= 'Z'; }
    bool is_repeatable() const {
        return kind == Kind::label || kind == Kind::unlabel || kind == Kind::dependency;
    }
};

// How an answer comes.
enum class Answered {
    whole,
    in_lines,   // line after line, to be handed on as they are
    in_events,  // as Server-Sent Events, until somebody has seen enough
};

struct ClientCommand {
    std::string_view words;  // "apps list", or "health"
    std::string_view asks;   // "GET /v1/apps"; empty: nothing is asked of the server
    std::string_view about;
    std::vector<Argument> arguments = {};
    // Of a list, its table: "NAME=/name DUE=/due_at". An answer without is one object.
    std::string_view columns = {};
    std::string_view body = {};     // what is sent if nothing else is said
    std::string_view watches = {};  // the path at which what it answers can be watched
    Answered answered = Answered::whole;

    std::string_view group() const;  // "apps", or ""
    std::string_view name() const { return words.substr(words.find(' ') + 1); }
    std::string_view method() const { return asks.substr(0, asks.find(' ')); }
    std::string_view path() const { return asks.substr(asks.find(' ') + 1); }
    bool is_list() const { return !columns.empty(); }
    bool is_watch() const { return name() == "watch" && answered == Answered::whole; }
    bool may_omit(const Argument& argument) const;
};

const std::vector<ClientCommand>& client_commands();

// Which server is asked, and as whom. They stand before the command and nowhere else, so that a
// mistyped option of a command never sends the token to another server.
const std::vector<Argument>& connection_arguments();

// What every command takes, before it or after it.
const std::vector<Argument>& global_arguments();

// The option of `command` that somebody who typed --`name` may have meant; empty if none is near.
// `command` may be null: then only the options that stand before a command are looked at.
std::string_view nearest_option(const ClientCommand* command, std::string_view name);

// What was typed, by the names of the arguments.
using Values = std::map<std::string, std::vector<std::string>, std::less<>>;

// What stands between the blanks of `text`.
std::vector<std::string> words_of(std::string_view text);

// The first value of that name, or "".
const std::string& first_value(const Values& values, std::string_view name);

}  // namespace slipway
