// The router finds the route of a request, checks who asks and what they may, and calls the
// handler. The routes themselves are data: see routes.cpp.

#pragma once

#include "server/http/services.h"

#include <optional>
#include <span>
#include <string_view>

namespace slipway {

struct Route {
    Method method;
    std::string_view path;  // segments in braces stand for anything
    Handler handler;
    Permission permission;
    bool is_public = false;  // no token is asked for, or the handler sees to it
    std::string_view media = "application/json";  // what it answers, if all is well; empty: a file
    bool has_parameters = false;  // its handler looks at the query, and refuses the rest
};

std::span<const Route> routes();

// Finds out who asks and fills in call.principal; a reply if the token is not good or does not
// allow it.
std::optional<Reply> authorize(Permission permission, Call& call);

// Answers `request`. The reply may be sent once the log is durable up to reply.position.
Reply answer(const Request& request, Services& services);

}  // namespace slipway
