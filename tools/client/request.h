// Makes of a command and of what was typed with it the question to the server. Asks nobody itself:
// what it has to know beside comes in as Lookups.

#pragma once

#include "tools/client/commands.h"
#include "tools/client/connection.h"
#include "tools/client/failure.h"
#include "tools/client/when.h"

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace slipway {

struct Lookups {
    template <class T>
    using Answer = std::variant<T, Failure>;

    Instant now;
    std::string zone;                   // the one that was typed; empty if none was
    std::optional<ZoneGuess> own_zone;  // the machine's
    OffsetAt offset_at;
    std::function<Answer<std::string>(const std::string& name)> app_id;
    // The zone of what is at `target` already.
    std::function<Answer<std::string>(const std::string& target)> zone_of;
    std::function<Result<std::string>(const std::string& path)> read_input;
};

struct Built {
    Question question;
    std::string notice;  // what was assumed; empty if nothing was
};

std::variant<Built, Failure> build_question(const ClientCommand& command, const Values& values,
                                            const Lookups& lookups);

// As it may stand in a path or a query (RFC 3986).
std::string percent_encoded(std::string_view text);

}  // namespace slipway
