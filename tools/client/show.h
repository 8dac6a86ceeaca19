// Answers of the server as people read them: lists as tables, objects as listings, problems as
// sentences. Every time is shown on a wall clock that is named, and in UTC.

#pragma once

#include "tools/client/commands.h"
#include "tools/client/when.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct Reader {
    std::string zone = "UTC";
    bool zone_was_typed = false;  // else a schedule is shown in its own zone
    OffsetAt offset_at;
    std::map<std::string, std::string> app_names;   // by id
    std::map<std::string, std::string> user_names;  // by id, as app_names
};

// Of the result of `body`, an answer of the API. `columns` as in ClientCommand.
std::string table(std::string_view columns, const std::string& body, const Reader& reader);
std::string listing(const std::string& body, const Reader& reader);

// An instant as `reader` sees it.
std::string shown_to(const Reader& reader, Instant at);

// What a status says in one line: the status, and why, and how the last attempt went.
std::string status_line(const std::string& body);

// An event of the log in one line: its position, when, what, of which object, and by whom.
std::string event_line(const std::string& event, const Reader& reader);

// Whether the result has ended, and how.
enum class Ending { none, good, bad };
Ending ending_of(const std::string& body);

// A problem document: its code, and each field that is named, by the option that it came from. For
// any other text, its beginning.
std::string problem_text(int status, const std::string& body, const ClientCommand& command);

}  // namespace slipway
