// The command line of the server: which options there are, and what they set.

#pragma once

#include "server/process/application.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace slipway {

void add_run_options(CLI::App& run, Config& config);
void add_token_options(CLI::App& token, Config& config, TokenRequest& request);

}  // namespace slipway
