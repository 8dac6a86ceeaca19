// Where the server is and who asks: from the command line, else the environment, else the file
// $XDG_CONFIG_HOME/slipway/config.json (or ~/.config/slipway/config.json) with "url", "token",
// "team" and "ca_file". A token comes from a file or the environment, never from the command line,
// which every user of the machine may read.
//
// A token goes to one server only: the one in the settings to the origin of the "url" beside it,
// SLIPWAY_TOKEN to the origin of SLIPWAY_URL where both are set.

#pragma once

#include "tools/client/commands.h"
#include "tools/client/failure.h"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

struct Settings {
    std::string url = "http://127.0.0.1:8080";  // without a slash at the end
    std::string token;
    std::string team;
    std::string ca_file;  // PEM, of who vouches for the server; empty: the machine knows
    std::vector<std::string> warnings;  // what people should know, though it hinders nothing
};

std::variant<Settings, Failure> read_settings(
    const Values& values, const std::function<std::string(const std::string&)>& environment);

}  // namespace slipway
