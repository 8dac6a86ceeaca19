#include "server/application.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

void add_run_options(CLI::App& run, slipway::Config& config) {
    run.add_option("--data", config.data, "Where everything is kept")->required();
    run.add_option_function<std::string>(
        "--listen",
        [&config](const std::string& text) {
            const auto colon = text.rfind(':');
            const auto port = colon == std::string::npos ? "" : text.substr(colon + 1);
            if (port.empty() || !CLI::detail::lexical_cast(port, config.port)) {
                throw CLI::ValidationError("--listen", text + " is not ADDRESS:PORT");
            }
            config.address = text.substr(0, colon);
        },
        "ADDRESS:PORT; port 0 takes a free one (127.0.0.1:8080)");
    run.add_option("--public-url", config.public_url, "Where targets call back");
    run.add_option("--zoneinfo", config.zoneinfo, "The time zone database");
    run.add_option("--machine", config.machine, "What names this machine, if it has no id");
    run.add_option("--disk-reserve-mib", config.disk_reserve_mib, "Free space kept for endings");
    run.add_option("--drain-seconds", config.drain_seconds, "For what is under way at SIGTERM");
    run.add_flag("--allow-http-targets", config.allow_http_targets, "Targets may be http://");
    run.add_flag("--allow-private-targets", config.allow_private_targets,
                 "Targets may be on loopback and private addresses");
    run.add_flag("--allow-remote-plain-http", config.allow_remote_plain_http,
                 "Listen without TLS on more than loopback");
}

int serve(const slipway::Config& config) {
    auto application = slipway::Application::start(config);
    if (!application) {
        std::cerr << "slipway-server: " << application.error().message << "\n";
        return 1;
    }
    std::cout << "listening on " << (*application)->url() << std::endl;
    return (*application)->run();
}

int print_token(const slipway::Config& config, const slipway::TokenRequest& request) {
    const auto token = slipway::make_token(config, request);
    if (!token) {
        std::cerr << "slipway-server: " << token.error().message << "\n";
        return 1;
    }
    std::cout << *token << "\n";
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    slipway::Config config;
    slipway::TokenRequest token;
    CLI::App app{
        "Slipway deploys apps at the wall-clock time people chose, once, and can prove it."};
    app.require_subcommand(1);

    CLI::App* const run = app.add_subcommand("run", "Serve until SIGTERM");
    add_run_options(*run, config);

    CLI::App* const mint = app.add_subcommand("token", "Print a token for a user");
    mint->add_option("--data", config.data, "The server's data directory")->required();
    mint->add_option("--user", token.user, "A user id; the first user, as admin, if not said");
    mint->add_option("--team", token.team, "The team that the token speaks for");
    mint->add_option("--days", token.days, "How long it is good")->check(CLI::Range(1, 3650));
    mint->add_flag("--admin", token.admin, "It may operate the server");

    CLI11_PARSE(app, argc, argv);
    return *run ? serve(config) : print_token(config, token);
}
