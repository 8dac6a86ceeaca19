// Conditional requests (RFC 9110, section 13): an object's ETag begins with its version, so that
// If-Match can be had from either. What shows parts of other objects too has a checksum behind it:
// those may change while its own version stays.
//
//   "7"             an app, a team: the version is all there is to say
//   "7-1f2e3d4c"    a scheduled deployment: its dependencies and its app are shown with it

#pragma once

#include "server/api/exchange.h"

namespace slipway {

enum class Shows { itself, others_too };

// `written` with its ETag; what is sent instead() of it to a reader.
Reply versioned(const Call& call, Reply written, Version version, Shows shows);
// The same of {"result": …}.
Reply versioned(const Call& call, int status, Version version, Shows shows,
                const std::function<void(JsonWriter&)>& write);

// The reply to a reader who has what bears `tag` already (304, If-None-Match) or wants something
// else (412, If-Match).
std::optional<Reply> instead(const Request& request, std::string_view tag);

// 412 if the change is to be made to another version than `current` only (If-Match), or to any but
// that (If-None-Match).
std::optional<Reply> stale(const Call& call, Version current);

}  // namespace slipway
