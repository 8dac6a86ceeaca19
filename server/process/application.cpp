#include "server/process/application.h"

#include "eventlog/base/curl_http_client.h"
#include "eventlog/base/durable_file.h"
#include "eventlog/base/trace.h"
#include "eventlog/base/turn.h"
#include "eventlog/events/codec.h"
#include "eventlog/log/log_directory.h"
#include "eventlog/log/log_proof.h"
#include "projections/replay.h"
#include "server/api/api.h"
#include "server/api/resources/routes.h"
#include "server/auth/issuer_keys.h"
#include "server/auth/jwt.h"
#include "server/auth/secrets.h"
#include "server/engine/server_principal.h"
#include "server/engine/timer.h"
#include "server/engine/zone_change.h"
#include "server/http/cors.h"
#include "server/http/http_server.h"
#include "server/http/listening_socket.h"
#include "server/process/high_water_keeper.h"
#include "server/process/installation_claim.h"
#include "server/process/jobs/commit_thread.h"
#include "server/process/jobs/log_backups.h"
#include "server/process/jobs/scrub.h"
#include "server/process/jobs/snapshotter.h"
#include "server/process/jobs/zone_watch.h"
#include "server/process/metrics.h"
#include "server/process/outcome_traces.h"
#include "server/process/public_url.h"
#include "server/process/system_ports.h"
#include "server/process/target_keys.h"
#include "server/process/timer_loop.h"
#include "server/targets/courier.h"
#include "server/targets/kinds.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <fstream>
#include <iostream>

namespace slipway {

namespace {

namespace fs = std::filesystem;

fs::path log_directory(const Config& config) {
    return config.data / "log";
}
SnapshotDirectory snapshots(const Config& config) {
    return SnapshotDirectory{config.data / "snapshots"};
}
std::uintmax_t disk_reserve_bytes(const Config& config) {
    return config.disk_reserve_mib * 1024 * 1024;
}
fs::path installation_file(const Config& config) {
    return config.data / "installation";
}
fs::path first_user_file(const Config& config) {
    return config.data / "first_user";
}

// Many connections need many descriptors; the soft limit is often 1,024. And no core is dumped:
// keys are in it. What is written is for nobody else, whatever the directory's mode becomes.
void set_limits() {
    umask(S_IRWXG | S_IRWXO);
    const rlimit none{};
    setrlimit(RLIMIT_CORE, &none);
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// The processor time of this thread.
std::chrono::nanoseconds thread_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

// NAME=VALUE; the value may have further equals signs.
Result<AdminClaim> admin_claim(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        return Error{ErrorCode::invalid, "oidc: the admin claim \"" + text +
                                             "\" is not NAME=VALUE, such as groups=slipway-admins"};
    }
    return AdminClaim{text.substr(0, equals), text.substr(equals + 1)};
}

// Whether a log is to be made: there is none, and none is missed.
Result<bool> is_new(const Config& config) {
    std::error_code error;
    const bool has_log = fs::exists(log_directory(config), error);
    const bool has_file = !error && fs::exists(installation_file(config), error);
    if (error) {
        return Error{ErrorCode::io, "data: " + config.data.string() + ": " + error.message()};
    }
    if (has_log || has_file) return false;
    if (config.create) return true;
    return Error{ErrorCode::invalid,
                 "data: there is no installation in " + fs::absolute(config.data).string() +
                     ": name the folder of one, or say --create to make a new one there"};
}

Result<void> prepare_directory(const fs::path& data) {
    std::error_code error;
    const fs::path place = fs::absolute(data);
    fs::path known = place;
    while (known.has_relative_path() && !fs::exists(known, error)) known = known.parent_path();
    if (fs::create_directories(place, error); error) {
        return Error{ErrorCode::io, "data: " + data.string() + ": " + error.message()};
    }
    fs::permissions(place, fs::perms::owner_all, error);
    // Each name that is new, down from what was there.
    for (fs::path made = place; made != known; made = made.parent_path()) {
        if (auto synced = sync_directory(made.parent_path()); !synced) return synced;
    }
    return {};
}

}  // namespace

// In the order in which they need one another.
struct Application::Parts {
    explicit Parts(Config settings) : config(std::move(settings)) {}

    Config config;
    boost::asio::io_context io{1};
    SystemClock clock;
    SystemIdSource ids;
    std::optional<Tls> tls;
    std::optional<TrustedIssuer> issuer;
    std::optional<ListeningSocket> socket;
    bool is_first_start = false;
    std::unique_ptr<const Zones> zones;  // until the engine takes them
    std::optional<Secrets> secrets;
    std::optional<CredentialKeys> credential_keys;
    std::optional<TargetKeys> target_secrets;
    std::unique_ptr<State> replayed = std::make_unique<State>();  // until the engine takes it
    Position started_from;                                        // a snapshot there
    std::optional<InstallationClaim> claim;
    std::unique_ptr<EventLog> opened_log;  // until the engine takes it
    Instant newest_recorded;               // of all events that were replayed
    std::optional<Engine> engine;
    std::optional<Metrics> metrics;
    std::optional<OutcomeTraces> outcome_traces;
    std::optional<CommitThread> commit;
    std::unique_ptr<HttpClient> client;
    std::optional<Courier> courier;
    std::optional<TimerLoop> loop;
    std::unique_ptr<HttpClient> issuer_client;
    std::optional<TokenCache> tokens;
    std::optional<IssuerKeys> issuer_keys;
    std::optional<Idempotency> idempotency;
    std::optional<RateLimits> rate_limits;
    // Each takes the disk, which all share, for some milliseconds.
    RateLimits key_changes{{.per_token = 0, .per_team = 10}};
    DiskWorker disk_worker{
        [this](std::function<void()> work) { boost::asio::post(io, std::move(work)); }};
    BackgroundJob dump_job{"dump"};
    std::optional<LogBackups> backups;
    PublicUrl public_url;
    Cors cors;
    std::optional<Services> services;
    std::optional<Api> api;
    std::optional<HttpServer> http;
    std::optional<Scrub> scrub;
    std::optional<ZoneWatch> zone_watch;
    std::optional<HighWaterKeeper> high_water;
    std::string zones_error;  // why the zone database cannot be read, if it cannot
    std::optional<Snapshotter> snapshotter;
    bool replay_differs = false;
    boost::asio::signal_set signals{io};
    boost::asio::signal_set hangups{io};
    boost::asio::steady_timer drain{io};
    std::string url;
    bool kicked = false;  // the commit thread is to be woken when this turn of the loop is over
    int exit_status = 0;

    Result<void> check_issuer();
    Result<void> take_port();
    Result<void> open_files();
    Result<void> open_log();
    Result<void> read_snapshot(const LogReader& found);
    Result<void> read_newest();
    void note_newest(Instant recorded_at);
    Result<void> open_credentials();
    void settle_credentials();
    void committed(const CommitThread::Commit& done);
    void answer_the_rest();
    void carry_requests();
    Metrics::Levels levels() const;
    void start_runtime();
    Result<void> prepare_claim();
    Result<void> claim_installation();
    Result<void> settle_first_user();
    void start_auth();
    Result<void> read_web_settings();
    Result<void> listen();
    void await_signals();
    void await_hangup();
    void wake_streams();
    bool run_one();
    void start_scrub();
    void start_zone_watch();
    void looked_at_zones(Result<std::unique_ptr<ZoneDatabase>> found);
    void start_snapshots();
    void stop();
    void drained();
};

// ---- Starting

Result<void> Application::Parts::open_log() {
    const fs::path directory = log_directory(config);
    if (!is_first_start && !fs::exists(directory)) {
        return Error{ErrorCode::corruption,
                     "log: " + directory.string() +
                         " is not there, and this data directory had one: restore it"};
    }
    if (is_first_start) {
        const Uuid log_id = ids.next(clock.now());
        if (auto created = create_log(directory, log_id); !created) return created;
    }
    auto place = lock_place(directory);
    if (!place) return place.error();
    auto proof = LogProof::of(std::move(*place));
    if (!proof) return proof.error();
    if (auto read = read_snapshot(proof->log()); !read) return read;
    const auto apply = decoded([this](const RecordedEvent& recorded, const Record&) {
        note_newest(recorded.envelope.recorded_at);
        replayed->apply(recorded);
        return true;
    });
    if (auto proven = proof->replay(started_from, apply); !proven) return proven;
    if (auto noted = claim->before_open(proof->places(), secrets->key_check()); !noted) {
        return noted;
    }
    auto opened = proof->open(clock, {.disk_reserve_bytes = disk_reserve_bytes(config)});
    if (!opened) return opened.error();
    opened_log = std::move(*opened);
    if (auto read = read_newest(); !read) return read;
    return opened_log->places().add(config.data);
}

// The state as of the newest snapshot that fits the log; without one, as of its beginning.
Result<void> Application::Parts::read_snapshot(const LogReader& found) {
    if (config.snapshot_every == 0) return {};
    auto newest = snapshots(config).newest_for(found);
    if (!newest) return newest.error();
    replayed = std::move(*newest);
    started_from = replayed->position();
    if (started_from.value > 0) {
        trace(TraceLevel::info,
              "starting from the snapshot at position " + std::to_string(started_from.value));
    }
    return {};
}

void Application::Parts::note_newest(Instant recorded_at) {
    newest_recorded = std::max(newest_recorded, recorded_at);
    if (services) services->newest_recorded = newest_recorded;
}

// Of a snapshot that is at the end of the log no record was replayed.
Result<void> Application::Parts::read_newest() {
    if (opened_log->durable().value == 0) return {};
    const auto last = opened_log->read(opened_log->durable());
    if (!last) return last.error();
    const auto recorded = decode(last->position, last->payload);
    if (!recorded) return recorded.error();
    note_newest(recorded->envelope.recorded_at);
    const auto behind = newest_recorded - clock.now();
    if (behind > kClockBehindMax) {
        trace(TraceLevel::warning,
              "the clock says " + to_text(clock.now()) +
                  ", and an event of the log was recorded at " + to_text(newest_recorded) +
                  ": what is due is decided by this clock; set it if it is wrong");
    }
    return {};
}

Result<void> Application::Parts::open_credentials() {
    auto keys = CredentialKeys::open(config.data / "credential_keys", secrets->credential_key());
    if (!keys) return keys.error();
    credential_keys.emplace(std::move(*keys));
    target_secrets.emplace(*secrets, *credential_keys);
    return {};
}

// Only once the log is known to be where it belongs. What the disk refuses is tried again at the
// next start.
void Application::Parts::settle_credentials() {
    std::vector<std::string> used;
    std::size_t lost = 0;
    for (std::uint32_t i = 0; i < engine->state().teams().size(); ++i) {
        for (const auto& [id, credential] : engine->state().teams().at(i).credentials) {
            used.push_back(credential.secret.key);
            lost += credential_keys->open(credential.secret) ? 0 : 1;
        }
    }
    if (lost > 0) {
        trace(TraceLevel::warning,
              std::to_string(lost) + " of " + std::to_string(used.size()) +
                  " credentials cannot be read: restore credential_keys/, or rotate them");
    }
    const auto& shredded = engine->state().teams().shredded_keys();
    if (const auto settled = credential_keys->settle(used, {shredded.begin(), shredded.end()});
        !settled) {
        trace(TraceLevel::error, "keys that are to go are still there: " + settled.error().message);
    }
}

void Application::Parts::committed(const CommitThread::Commit& done) {
    if (done.result) {
        metrics->committed(done.records, done.took);
        if (engine->durable(done.position, Turn{clock})) answer_the_rest();
        if (http) {
            api->log_grew();
            http->log_grew();
        }
        loop->poke();
        if (snapshotter) snapshotter->durable_up_to(done.position);
        return;
    }
    const Error& error = done.result.error();
    trace(TraceLevel::error,
          "the log takes nothing any more, and the process ends: " + error.message);
    exit_status = kExitOutcomeUnknown;
    engine->fail(error);
    stop();
}

// A thousand answers that become durable together are not sent in one go.
void Application::Parts::answer_the_rest() {
    boost::asio::post(io, [this] {
        if (engine->call_waiters(Turn{clock})) answer_the_rest();
    });
}

Metrics::Levels Application::Parts::levels() const {
    Metrics::Levels now;
    const State& state = engine->state();
    const EventLog& log = engine->log();
    const bool held = state.installation().is_held();
    for (std::size_t i = 0; i < kScheduleStatuses; ++i) {
        now.schedules[i] = state.schedules().count(static_cast<ScheduleStatus>(i));
    }
    now.undecided = state.schedules().undecided(clock.now(), !held);
    now.held_past_due = state.schedules().held().count_until(clock.now(), kCountedMax);
    const auto waiting = log.waiting();
    now.commit_waiting_units = waiting.units;
    now.commit_waiting_bytes = waiting.bytes;
    const Engine::Figures figures = engine->figures();
    now.dispatcher_pausing = figures.pausing;
    now.dispatcher_queued = figures.queued;
    now.dispatcher_oldest_wait = figures.oldest_wait;
    now.attempt_limits = engine->attempt_limits();
    now.dispatcher_under_way = figures.attempts_under_way;
    now.executor_under_way = courier->under_way();
    now.connections = http->connections();
    now.stream_readers = http->stream_readers();
    now.held_bytes = http->held_bytes();
    now.log_position = state.position().value;
    now.log_durable_position = engine->durable_position().value;
    const StoreFigures store = log.store_figures();
    now.store_memory_bytes = store.memory_bytes;
    now.store_disk_bytes = store.disk_bytes;
    now.store_tables = store.tables;
    now.zone_rules = engine->zones().version();
    now.zone_rules_left = figures.zone_rules_left;
    now.zone_rules_unreadable = !zones_error.empty();
    now.dispatch_held = held;
    now.log_damaged = services->log_is_damaged;
    now.replay_differs = replay_differs;
    now.snapshot_position = snapshotter ? snapshotter->newest().value : 0;
    now.key_files_waiting = disk_worker.waiting();
    now.definitions = state.apps().use().definitions;
    now.finished_bytes = state.schedules().finished_bytes();
    for (std::size_t i = 0; i < kQuotas.size(); ++i) {
        now.quota_limits[i] = config.quotas.*kQuotas[i].limit * kQuotas[i].unit;
    }
    now.quota_uses = highest_use(state);
    now.clock_behind_seconds = std::chrono::duration<double>(services->clock_behind()).count();
    return now;
}

// What the engine wants sent or given up leaves in the same turn.
void Application::Parts::carry_requests() {
    if (!engine->has_requests()) return;
    Requests requests = engine->take_requests();
    for (const Position token : requests.to_give_up) courier->cancel(token);
    for (OutgoingRequest& request : requests.to_send) {
        const DeploymentId id = request.deployment;
        const Position token = request.token;
        courier->carry(
            token, *request.executor, std::move(request.ask), std::move(request.keys),
            [this, id, token](const Answer& answer) { engine->record(id, token, answer); });
    }
}

void Application::Parts::start_runtime() {
    Engine::Settings settings;
    settings.quotas = config.quotas;
    settings.attempts = config.attempts;
    // Targets call back where we listen, unless the settings know better.
    settings.callback_url = [base = public_url.url.empty() ? url : public_url.url](
                                DeploymentId id) { return base + completion_path(id); };
    engine.emplace(std::move(replayed), std::move(opened_log), std::move(zones),
                   Engine::Ports{clock, ids, *target_secrets, target_kinds()}, std::move(settings));
    metrics.emplace(engine->state(), [this] { return levels(); });
    engine->observe([this](const RecordedEvent& recorded) {
        metrics->happened(recorded);
        note_newest(recorded.envelope.recorded_at);
    });
    outcome_traces.emplace(engine->state(),
                           [](const std::string& text) { trace(TraceLevel::warning, text); });
    engine->observe([this](const RecordedEvent& recorded) { outcome_traces->observe(recorded); });
    engine->on_append([this] {
        if (std::exchange(kicked, true)) return;
        boost::asio::post(io, [this] {
            kicked = false;
            engine->log().wake();
        });
    });
    commit.emplace(
        engine->log(), clock,
        [this](std::function<void()> work) { boost::asio::post(io, std::move(work)); },
        [this](const CommitThread::Commit& done) { committed(done); });
    CurlHttpClient::Options client_options;
    client_options.allow_http = config.allow_http_targets;
    client_options.allow_private_addresses = config.allow_private_targets;
    client = std::make_unique<CurlHttpClient>(io, client_options);
    courier.emplace(*client, clock);
    engine->on_first_sent([this](Millis since_due) { metrics->sent(since_due); });
    loop.emplace(io, clock, [this](Instant now) {
        const Instant next = std::min(engine->tick(now), outcome_traces->tick(now));
        return issuer_keys ? std::min(next, issuer_keys->tick(now)) : next;
    });
}

// A first start claims the log; a copy or a restored log is claimed too, and dispatches nothing
// until an operator arms it.
Result<void> Application::Parts::prepare_claim() {
    InstallationClaim::Settings settings;
    settings.data = config.data;
    settings.log = log_directory(config);
    settings.high_water_file = config.high_water_file;
    settings.machine = config.machine.empty() ? machine_id() : config.machine;
    auto prepared = InstallationClaim::prepare(std::move(settings));
    if (!prepared) return prepared.error();
    claim.emplace(std::move(*prepared));
    return {};
}

Result<void> Application::Parts::claim_installation() {
    const auto made = claim->judge(engine->log(), engine->state().installation().id(),
                                   ids.next(clock.now()), secrets->key_check());
    if (!made) return made.error();
    if (!*made) return {};
    const ClaimInstallation& command = **made;
    const auto submitted = engine->submit(command, kServerPrincipal);
    if (const auto* const error = std::get_if<Error>(&submitted)) return *error;
    if (command.reason == ClaimReason::salvaged) {
        trace(TraceLevel::warning, "the log was salvaged, and lost positions " +
                                       std::to_string(command.first_lost.value) + " to " +
                                       std::to_string(command.last_lost.value) +
                                       ": dispatch is held until it is armed");
    } else if (command.reason != ClaimReason::first_start) {
        trace(TraceLevel::warning,
              "this is a copy of a log, or it was moved or put back: dispatch is held until it is "
              "armed");
    }
    return {};
}

// Somebody must be able to begin: the first start makes a team and its owner.
Result<void> Application::Parts::settle_first_user() {
    if (engine->state().teams().size() == 0) {
        const UserId owner{ids.next(clock.now())};
        const auto submitted = engine->submit(CreateTeam{"default", owner}, kServerPrincipal);
        if (const auto* const error = std::get_if<Error>(&submitted)) return *error;
    }
    const Team& team = engine->state().teams().at(0);
    UserId owner;
    for (const auto& [user, member] : team.members) {
        if (member.role == Role::owner && owner.is_nil()) owner = user;
    }
    std::ofstream out{first_user_file(config), std::ios::trunc};
    out << owner.text() << "\n" << team.id.text() << "\n";
    if (!out.flush()) {
        return Error{ErrorCode::io, "data: " + first_user_file(config).string() + ": not written"};
    }
    return {};
}

Result<void> Application::Parts::check_issuer() {
    if (config.oidc_issuer.empty()) return {};
    issuer = TrustedIssuer{config.oidc_issuer, {}, {}, {}};
    if (!config.oidc_audience.empty()) issuer->audience = config.oidc_audience;
    if (!config.oidc_admin_claim.empty()) {
        auto admin = admin_claim(config.oidc_admin_claim);
        if (!admin) return admin.error();
        issuer->admin_claim = std::move(*admin);
    }
    return IssuerKeys::check({config.oidc_issuer, config.oidc_jwks_url, config.allow_http_issuer});
}

void Application::Parts::start_auth() {
    JwtSettings jwt;
    jwt.secret = secrets->jwt_secret();
    if (!issuer) {
        tokens.emplace(std::move(jwt));
        return;
    }
    jwt.trusted = std::move(issuer);
    tokens.emplace(std::move(jwt), [this] {
        issuer_keys->miss();
        loop->poke();
    });
    CurlHttpClient::Options options;
    options.allow_http = config.allow_http_issuer;
    options.allow_private_addresses = true;  // who runs the server chose the issuer
    issuer_client = std::make_unique<CurlHttpClient>(io, options);
    IssuerKeys::Settings place{config.oidc_issuer, config.oidc_jwks_url, config.allow_http_issuer};
    issuer_keys.emplace(*issuer_client, clock, std::move(place),
                        [this](KeySet keys) { tokens->replace_keys(std::move(keys)); });
}

// Errors: invalid.
Result<void> Application::Parts::read_web_settings() {
    if (!config.public_url.empty()) {
        auto read = read_public_url(config.public_url);
        if (!read) return read.error();
        public_url = std::move(*read);
    }
    auto allowed = Cors::of(config.cors_origins);
    if (!allowed) return allowed.error();
    cors = std::move(*allowed);
    return {};
}

Result<void> Application::Parts::take_port() {
    auto bound = ListeningSocket::bind(io, config.listen);
    if (!bound) return bound.error();
    if (!bound->is_loopback() && !tls && !config.allow_remote_plain_http) {
        return Error{ErrorCode::invalid,
                     "listen: " + config.listen +
                         " is not loopback, and tokens would travel in the "
                         "clear; give it --tls-certificate and --tls-key, or put a TLS proxy "
                         "before it and say --allow-remote-plain-http"};
    }
    url = (tls ? "https://" : "http://") + bound->text();
    socket.emplace(std::move(*bound));
    return {};
}

Result<void> Application::Parts::listen() {
    idempotency.emplace(*engine, clock, secrets->answer_key(), boot_id());
    backups.emplace(engine->log(), clock,
                    LogBackups::Options{config.backups, engine->state().installation().id()->text(),
                                        disk_reserve_bytes(config)},
                    [this](std::function<void()> work) { boost::asio::post(io, std::move(work)); });
    rate_limits.emplace(RateLimits::Options{config.rate_per_token, config.rate_per_team});
    services.emplace(Services{.engine = *engine,
                              .clock = clock,
                              .tokens = *tokens,
                              .secrets = *target_secrets,
                              .credential_keys = *credential_keys,
                              .idempotency = *idempotency,
                              .rate_limits = *rate_limits,
                              .key_changes = key_changes,
                              .disk_worker = disk_worker,
                              .figures = *metrics,
                              .dump_job = dump_job,
                              .backups = *backups,
                              .wake_streams = [this] { wake_streams(); },
                              .allow_http_targets = config.allow_http_targets,
                              .allow_private_targets = config.allow_private_targets,
                              .public_metrics = config.public_metrics,
                              .public_path = public_url.path,
                              .cors = cors});
    services->newest_recorded = newest_recorded;
    api.emplace(io, *services, routes());
    http.emplace(io, *api, clock, ids, services->cors);
    if (tls) http->speak_tls(std::move(*tls));
    await_hangup();
    // Before anybody can know that we are there, and want us to stop.
    await_signals();
    return http->listen(std::move(*socket));
}

void Application::Parts::await_signals() {
    signals.add(SIGTERM);
    signals.add(SIGINT);
    signals.async_wait([this](boost::system::error_code error, int) {
        if (!error) stop();
    });
}

// What renews the certificate may say so; else it is noticed within a minute. Without TLS there is
// nothing to read again, and a terminal that goes away ends no server.
void Application::Parts::await_hangup() {
    hangups.add(SIGHUP);
    hangups.async_wait([this](boost::system::error_code error, int) {
        if (error) return;
        if (config.tls_certificate.empty()) {
            trace(TraceLevel::info,
                  "SIGHUP: there is nothing to read again; SIGTERM ends the server");
        } else {
            http->read_certificate_again();
        }
        await_hangup();
    });
}

void Application::Parts::wake_streams() {
    boost::asio::post(io, [this] {
        if (http) http->log_grew();
    });
}

// Does what is ready, or waits until something is. False: the end.
bool Application::Parts::run_one() {
    auto began = clock.monotonic();
    if (io.poll_one() > 0) {
        loop->look();
        carry_requests();
        metrics->turn_taken(clock.monotonic() - began);
        return true;
    }
    // It may have to wait: only what it does on the processor counts.
    began = thread_time();
    if (io.run_one() == 0) return false;
    loop->look();
    carry_requests();
    metrics->turn_taken(thread_time() - began);
    return true;
}

// What is damaged was read when it was whole: the work goes on, and somebody must hear of it.
void Application::Parts::start_scrub() {
    scrub.emplace(engine->log(), Scrub::Options{}, [this](const Result<void>& found) {
        if (found) return trace(TraceLevel::info, "the whole log was read again, and is good");
        if (found.error().code == ErrorCode::unavailable) {
            return trace(TraceLevel::warning,
                         "the log was not read again: " + found.error().message);
        }
        trace(TraceLevel::error, "the log on the disk is damaged: " + found.error().message);
        boost::asio::post(io, [this] { services->log_is_damaged = true; });
    });
}

void Application::Parts::start_zone_watch() {
    zone_watch.emplace(ZoneUpdates{config.zoneinfo, engine->zones().digest()},
                       std::chrono::seconds{config.zoneinfo_seconds},
                       [this](Result<std::unique_ptr<ZoneDatabase>> found) {
                           boost::asio::post(io, [this, found = std::move(found)]() mutable {
                               looked_at_zones(std::move(found));
                           });
                       });
}

void Application::Parts::looked_at_zones(Result<std::unique_ptr<ZoneDatabase>> found) {
    const std::string error = found ? std::string{} : found.error().message;
    if (error != zones_error && !error.empty()) {
        trace(TraceLevel::error,
              error + "; the zone rules stay those of " + std::string{engine->zones().version()});
    }
    zones_error = error;
    if (!found || !*found) return;
    engine->take_zone_rules(std::move(*found));
    loop->poke();
}

// What is wrong is said in traces, and in the metrics: the work goes on.
void Application::Parts::start_snapshots() {
    if (config.snapshot_every == 0) return;
    Snapshotter::Options options;
    options.every = config.snapshot_every;
    options.place = config.data;
    options.disk_reserve_bytes = disk_reserve_bytes(config);
    snapshotter.emplace(
        *engine, clock, snapshots(config), options,
        [this](std::function<void()> work) { boost::asio::post(io, std::move(work)); },
        [this](const Snapshotter::Outcome& outcome) {
            services->log_is_damaged |= outcome.verdict == Snapshotter::Verdict::damaged;
            replay_differs |= outcome.verdict == Snapshotter::Verdict::differs;
        });
    snapshotter->started_from(started_from);
}

// Nothing is made before all of this is known to be good.
Result<std::unique_ptr<Application>> Application::prepare(const Config& config) {
    set_limits();
    auto parts = std::make_unique<Parts>(config);
    if (auto read = parts->read_web_settings(); !read) return read.error();
    if (!config.tls_certificate.empty()) {
        auto tls = Tls::open({config.tls_certificate, config.tls_key}, parts->clock.now());
        if (!tls) return Error{ErrorCode::invalid, tls.error().message};
        parts->tls.emplace(std::move(*tls));
    }
    if (auto good = parts->check_issuer(); !good) return good.error();
    auto zones = ZoneDatabase::load(config.zoneinfo);
    if (!zones) return Error{ErrorCode::invalid, zones.error().message};
    parts->zones = std::move(*zones);
    if (auto prepared = parts->prepare_claim(); !prepared) return prepared.error();
    if (auto taken = parts->take_port(); !taken) return taken.error();
    const auto fresh = is_new(config);
    if (!fresh) return fresh.error();
    parts->is_first_start = *fresh;
    return std::unique_ptr<Application>{new Application{std::move(parts)}};
}

Result<void> Application::Parts::open_files() {
    if (is_first_start) {
        if (auto may = claim->may_create(); !may) return may;
    }
    if (auto ready = prepare_directory(config.data); !ready) return ready;
    // Keys are made on the first start only: with new ones no token and no receiver would fit any
    // more.
    auto opened = Secrets::open(
        config.data, is_first_start ? Secrets::Missing::create : Secrets::Missing::refuse);
    if (!opened) return opened.error();
    secrets.emplace(std::move(*opened));
    if (auto log_opened = open_log(); !log_opened) return log_opened;
    return open_credentials();
}

Result<void> Application::start() {
    Parts& parts = *parts_;
    if (auto opened = parts.open_files(); !opened) return opened;
    parts.start_runtime();
    if (auto claimed = parts.claim_installation(); !claimed) return claimed;
    parts.settle_credentials();
    if (auto settled = parts.settle_first_user(); !settled) return settled;
    parts.start_auth();
    if (auto listening = parts.listen(); !listening) return listening;
    parts.engine->recover();
    parts.high_water.emplace(*parts.claim, parts.engine->log(), parts.clock,
                             parts.engine->state().position());
    parts.start_scrub();
    parts.start_zone_watch();
    parts.start_snapshots();
    return {};
}

std::optional<InstallationId> Application::created() const {
    if (!parts_->is_first_start) return std::nullopt;
    return parts_->engine->state().installation().id();
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() = default;

const std::string& Application::url() const {
    return parts_->url;
}

// ---- Running and stopping

int Application::run() {
    Parts& parts = *parts_;
    parts.loop->run();
    while (parts.run_one()) {
    }
    parts.scrub->stop();
    parts.zone_watch->stop();
    if (parts.snapshotter) parts.snapshotter->stop();
    parts.disk_worker.stop();
    parts.dump_job.stop();
    parts.backups->stop();
    parts.commit->stop();
    parts.high_water->stop();
    if (const auto closed = parts.engine->log().close(); !closed) {
        trace(TraceLevel::error, closed.error().message);
        return kExitOutcomeUnknown;
    }
    parts.high_water->keep_last();
    // What slipway-replay must say of this log.
    trace(TraceLevel::info, "stopped at position " +
                                std::to_string(parts.engine->state().position().value) +
                                ", fingerprint " + parts.engine->state().fingerprint());
    return parts.exit_status;
}

// Takes no more and lets the attempts under way end; then ends: listener, timer, lane, log. Until
// then targets reach it, to report what they accepted. What waits for such a report is durable, and
// may wait for long: it does not hold up the end.
void Application::Parts::stop() {
    if (exit_status != 0) io.stop();  // nothing that is under way can be recorded any more
    if (services->draining) return;
    services->draining = true;
    trace(TraceLevel::info, "stopping: no new work is taken");
    boost::system::error_code ignored;
    signals.cancel(ignored);
    drain.expires_after(std::chrono::seconds{config.drain_seconds});
    drain.async_wait([this](boost::system::error_code error) {
        if (error) return;
        trace(TraceLevel::warning,
              "stopping: what is under way is left; it is reconciled at the "
              "next start");
        io.stop();
    });
    engine->hold([this] { http->stop([this] { drained(); }); });
}

void Application::Parts::drained() {
    // The last outcomes are applied, and about to be durable.
    engine->when_durable(engine->state().position(), [this](const Result<void>&) {
        loop->stop();
        drain.cancel();
        io.stop();
    });
}

int serve(const Config& config) {
    // Who reads the traces may stop to; and a terminal that goes away ends no server, at no time.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
    const auto failed = [](const Error& error, int status) {
        std::cerr << "slipway-server: " << error.message << "\n";
        return status;
    };
    auto application = Application::prepare(config);
    if (!application) {
        const bool in_use = application.error().code == ErrorCode::io;
        return failed(application.error(), in_use ? 1 : kExitUsage);
    }
    if (const auto started = (*application)->start(); !started) return failed(started.error(), 1);
    std::cout << "listening on " << (*application)->url() << std::endl;
    if (const auto created = (*application)->created()) {
        const std::string data = fs::absolute(config.data).string();
        std::cout << "created " << created->text() << " in " << data
                  << "; a token of its first user: slipway-server token --data " << data
                  << std::endl;
    }
    return (*application)->run();
}

// ---- Tokens

Result<std::string> make_token(const Config& config, const TokenRequest& request) {
    std::ifstream in{first_user_file(config)};
    std::string first_user;
    if (!(in >> first_user)) {
        return Error{ErrorCode::not_found, "token: there is no server's data at " +
                                               config.data.string() +
                                               "; start the server once, with --create"};
    }
    Claims claims;
    const auto user = UserId::parse(request.user.empty() ? first_user : request.user);
    if (!user) {
        return Error{ErrorCode::invalid,
                     "token: " + request.user + " is no user id: user_ and 26 characters"};
    }
    if (!request.team.empty()) {
        claims.team = TeamId::parse(request.team);
        if (!claims.team) {
            return Error{ErrorCode::invalid,
                         "token: " + request.team + " is no team id: team_ and 26 characters"};
        }
    }
    const auto secrets = Secrets::open(config.data, Secrets::Missing::refuse);
    if (!secrets) return secrets.error();
    SystemIdSource ids;
    const Instant now = SystemClock{}.now();
    claims.user = *user;
    // A token of one team is for that team's affairs: the server's are another matter.
    claims.admin = request.admin || (request.user.empty() && request.team.empty());
    claims.expires = now + std::chrono::hours{24} * request.days;
    claims.token_id = base32_of(ids.next(now));
    JwtSettings jwt;
    jwt.secret = secrets->jwt_secret();
    return mint(claims, jwt, now);
}

}  // namespace slipway
