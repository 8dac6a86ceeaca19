#include "tests/fuzz/http_world.h"

#include "eventlog/events/codec.h"
#include "server/api/resources/routes.h"
#include "server/targets/kinds.h"
#include "tests/support/memory_store.h"

namespace slipway {

namespace {

JwtSettings jwt_settings() {
    return {std::string(kJwtSecretBytesMin, 'k'), {}, {}};
}

std::unique_ptr<EventLog> log_with(const std::vector<RecordedEvent>& history) {
    auto log = EventLog::over(std::make_unique<MemoryStore>(), Uuid{7, 7});
    CHECK(log);
    for (const RecordedEvent& one : history) {
        CHECK((*log)->append({{one.envelope.stream, one.envelope.stream_version,
                               one.envelope.team.uuid, encode(one.envelope, one.event)}}));
    }
    (*log)->flush();
    return std::move(*log);
}

// The keys are files; one directory serves all worlds of the process.
CredentialKeys open_keys() {
    static const TemporaryDirectory directory;
    auto keys = CredentialKeys::open(directory.path() / "keys", std::string(32, 's'));
    CHECK(keys);
    return std::move(*keys);
}

std::unique_ptr<State> state_of(const std::vector<RecordedEvent>& history) {
    auto state = std::make_unique<State>();
    for (const RecordedEvent& one : history) state->apply(one);
    return state;
}

}  // namespace

// No tick comes, so nothing is sent.
HttpWorld::HttpWorld()
    : history_(story()),
      engine_(state_of(history_), log_with(history_), std::make_unique<FewZones>(),
              Engine::Ports{clock, ids, secrets_, target_kinds()}, {}),
      tokens_(jwt_settings()),
      credential_keys_(open_keys()),
      idempotency_(engine_, clock, std::string(32, 'a'), {}),
      metrics_(engine_.state(), [] { return Metrics::Levels{}; }),
      backups_(engine_.log(), clock, {}, [](const std::function<void()>&) {}),
      services_{.engine = engine_,
                .clock = clock,
                .tokens = tokens_,
                .secrets = secrets_,
                .credential_keys = credential_keys_,
                .idempotency = idempotency_,
                .rate_limits = rate_limits_,
                .key_changes = key_changes_,
                .disk_worker = disk_worker_,
                .figures = metrics_,
                .dump_job = dump_job_,
                .backups = backups_,
                .wake_streams = [] {},
                .allow_http_targets = true} {
    clock.time = kNoon;
    engine_.observe([this](const RecordedEvent& one) {
        check_event(one);
        history_.push_back(one);
    });
    engine_.log().on_durable([this](Position position, const Result<void>& result) {
        CHECK(result);
        while (engine_.durable(position, Turn{clock})) {
        }
    });
}

Reply HttpWorld::answer(const Request& request) {
    Answering answering{request, services_, routes()};
    std::optional<Reply> made;
    while (!made) {
        made = answering.go_on(Turn{clock});
        if (const auto errand = answering.take_errand()) errand->run();
    }
    Reply reply = std::move(*made);
    engine_.log().flush();
    CHECK(reply.position <= engine_.durable_position());
    if (reply.before_sent) reply.before_sent();
    return reply;
}

std::string signed_in(UserId user, bool is_admin) {
    Claims claims;
    claims.user = user;
    claims.admin = is_admin;
    claims.expires = kNoon + std::chrono::hours{1};
    return mint(claims, jwt_settings(), kNoon);
}

}  // namespace slipway
