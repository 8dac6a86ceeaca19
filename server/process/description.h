// What this server offers, as JSON, for people who write clients and for the tests of openapi.yaml:
// its routes, the codes of its problems, the types of its events, and its closed lists of words.

#pragma once

#include <string>

namespace slipway {

// One object; the server's log and settings have no part in it.
std::string description();

}  // namespace slipway
