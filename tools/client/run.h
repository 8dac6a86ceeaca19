// Runs one command: asks the server, follows its cursors, watches, and prints what came of it.

#pragma once

#include "tools/client/commands.h"

namespace slipway {

// Prints to standard output and, what is wrong or was assumed, to standard error. Answers the exit
// code.
int run_command(const ClientCommand& command, const Values& values);

}  // namespace slipway
