#include "eventlog/base/version.h"
#include "server/process/command_line.h"
#include "server/process/description.h"

#include <CLI/CLI.hpp>

#include <iostream>

int main(int argc, char** argv) {
    slipway::Config config;
    slipway::TokenRequest request;
    CLI::App app{
        "Slipway deploys apps at the wall-clock time people chose, once, and can prove it."};
    app.require_subcommand(1);
    app.option_defaults()->always_capture_default();
    CLI::App* const run = app.add_subcommand("run", "Serve until SIGTERM");
    slipway::add_run_options(*run, config);
    CLI::App* const token = app.add_subcommand("token", "Print a token for a user");
    slipway::add_token_options(*token, config, request);
    CLI::App* const describe = app.add_subcommand(
        "describe", "Print the routes, problem codes, event types and words of the API as JSON");
    app.set_version_flag("--version", slipway::version_text("slipway-server"),
                         "Print the version and the commit it was built from");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : slipway::kExitUsage;
    }
    if (*run) return slipway::serve(config);
    if (*describe) {
        std::cout << slipway::description() << "\n";
        return 0;
    }
    const auto made = slipway::make_token(config, request);
    (made ? std::cout : std::cerr) << (made ? *made : made.error().message) << "\n";
    return made ? 0 : 1;
}
