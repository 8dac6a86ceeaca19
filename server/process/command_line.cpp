#include "server/process/command_line.h"

#include "eventlog/log/event_log.h"

#include <CLI/CLI.hpp>

#include <charconv>

namespace slipway {

namespace {

void add_issuer_options(CLI::App& run, Config& config) {
    auto* const issuer = run.add_option("--oidc-issuer", config.oidc_issuer,
                                        "URL of an OpenID Connect issuer, whose tokens are good");
    auto* const audience = run.add_option("--oidc-audience", config.oidc_audience,
                                          "What its tokens name as their audience (aud)");
    issuer->needs(audience);
    audience->needs(issuer);
    run.add_option("--oidc-jwks-url", config.oidc_jwks_url, "Where its keys are, if not discovered")
        ->needs(issuer);
    run.add_option("--oidc-admin-claim", config.oidc_admin_claim,
                   "NAME=VALUE: what a token says, or lists, of an admin; groups=slipway-admins")
        ->needs(issuer);
    run.add_flag("--allow-http-issuer", config.allow_http_issuer, "The issuer may be http://");
}

// An unset variable of a shell leaves an empty word, which names no directory.
std::string refuse_empty(const std::string& text) {
    return text.empty() ? "is empty; the name of a directory is accepted" : "";
}

void add_tls_options(CLI::App& run, Config& config) {
    auto* const certificate =
        run.add_option("--tls-certificate", config.tls_certificate,
                       "Speak TLS: the server's certificate and those that vouch for it, as PEM");
    auto* const key =
        run.add_option("--tls-key", config.tls_key,
                       "Its key, as PEM without a passphrase, for its owner and group only");
    certificate->needs(key);
    key->needs(certificate);
}

// At least one of each, so that there is a team to begin with.
void add_quota_options(CLI::App& run, Config& config) {
    for (const Quota& quota : kQuotas) {
        run.add_option(std::string{quota.setting}, config.quotas.*quota.limit,
                       std::string{quota.help})
            ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}))
            ->group("Quotas: beyond these, changes are answered 409 quota_exceeded");
    }
}

void add_attempt_options(CLI::App& run, AttemptLimits& limits) {
    const auto add = [&run](const char* name, std::size_t& limit, const char* help) {
        run.add_option(name, limit, help)->check(CLI::Range(1, 10'000))->capture_default_str();
    };
    add("--attempts", limits.attempts, "The most attempts under way at once, over all teams");
    add("--attempts-per-team", limits.per_team, "Of those, the most of one team");
    add("--attempts-per-app", limits.per_app, "Of those, the most of one app");
    add("--connections-per-target", limits.per_target,
        "The most attempts at one scheme, host and port at once, over all teams");
    add("--connections-per-target-and-team", limits.per_target_of_team,
        "Of those, the most of one team");
}

// What is wrong with a reserve, or nothing.
std::string check_reserve(const std::string& text) {
    constexpr std::uintmax_t kLeast = kDiskReserveLeast / 1024 / 1024;
    constexpr std::uintmax_t kMost = 1024 * 1024;
    std::uintmax_t mib = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), mib);
    const bool is_number = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
    if (is_number && mib >= kLeast && mib <= kMost) return {};
    return "is " + text + "; accepted is " + std::to_string(kLeast) + " to " +
           std::to_string(kMost) +
           ": with less, the log's own compactions can fill the disk, and the server ends";
}

}  // namespace

void add_run_options(CLI::App& run, Config& config) {
    run.add_option("--data", config.data, "Where everything is kept")
        ->required()
        ->check(refuse_empty);
    run.add_flag("--create", config.create, "Make a new installation there if there is none");
    run.add_option("--listen", config.listen,
                   "ADDRESS:PORT, an IP address or localhost; port 0 takes a free one");
    run.add_option(
        "--public-url", config.public_url,
        "Where clients and targets reach it; with a path, if a proxy shows it below one");
    run.add_option("--cors-origin", config.cors_origins,
                   "https://ui.example.com, whose pages may use the API; once for each origin")
        ->allow_extra_args(false);
    run.add_option("--zoneinfo", config.zoneinfo, "The time zone database");
    run.add_option("--zoneinfo-seconds", config.zoneinfo_seconds,
                   "Between two looks for newer time zone rules")
        ->check(CLI::Range(1, 86'400));
    run.add_option("--machine", config.machine, "What names this machine, if it has no id");
    run.add_option("--high-water-file", config.high_water_file,
                   "Outside of the data: where the end of the log is kept, to see it put back");
    run.add_option("--backup-directory", config.backups, "Where POST /v1/admin/backup puts copies");
    run.add_option("--disk-reserve-mib", config.disk_reserve_mib,
                   "Below this much free space new work is refused; what is under way can end")
        ->check(check_reserve);
    run.add_option("--snapshot-every", config.snapshot_every,
                   "Events from a snapshot to the next; 0: there are none")
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000'000}));
    run.add_option("--drain-seconds", config.drain_seconds, "For what is under way at SIGTERM");
    run.add_option("--rate-limit-token", config.rate_per_token,
                   "Requests a second that a token may make; 0: any number");
    run.add_option("--rate-limit-team", config.rate_per_team,
                   "Requests a second that a team may make; 0: any number");
    run.add_flag("--allow-http-targets", config.allow_http_targets, "Targets may be http://");
    run.add_flag("--allow-private-targets", config.allow_private_targets,
                 "Targets may be on loopback and private addresses");
    run.add_flag("--allow-remote-plain-http", config.allow_remote_plain_http,
                 "Listen without TLS on more than loopback");
    run.add_flag("--public-metrics", config.public_metrics, "GET /metrics asks for no token");
    add_quota_options(run, config);
    add_attempt_options(run, config.attempts);
    add_tls_options(run, config);
    add_issuer_options(run, config);
}

void add_token_options(CLI::App& token, Config& config, TokenRequest& request) {
    token.add_option("--data", config.data, "The server's data directory")
        ->required()
        ->check(refuse_empty);
    token.add_option("--user", request.user, "A user id; the first user, as admin, if not said");
    token.add_option("--team", request.team, "The team that the token speaks for");
    token.add_option("--days", request.days, "How long it is good")->check(CLI::Range(1, 3650));
    token.add_flag("--admin", request.admin, "It may operate the server");
}

}  // namespace slipway
