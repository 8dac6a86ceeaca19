#include "tests/fuzz/http_world.h"

#include "eventlog/events/codec.h"
#include "eventlog/log/memory_store.h"
#include "server/api/resources/routes.h"

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

// Nothing is started: no tick comes.
class IdleExecutor : public Executor {
  public:
    void start(AttemptRequest, Done) override {}
    void cancel(Position) override {}
};

}  // namespace

class HttpWorld::Secrets : public TargetSecrets {
  public:
    std::vector<std::string> signing_secrets(const App&, Instant) const override {
        return {std::string(32, 'w')};
    }
    std::string callback_token(DeploymentId id) const override { return "cbt_" + id.text(); }
    Result<Authorization> authorization(const Credential&) const override {
        return Authorization{};
    }
};

HttpWorld::HttpWorld()
    : history_(story()),
      log_(log_with(history_)),
      lane_(state_, *log_, clock, ids, zones_),
      secrets_(std::make_unique<Secrets>()),
      executor_(std::make_unique<IdleExecutor>()),
      dispatcher_(lane_, *executor_, *secrets_, clock),
      tokens_(jwt_settings()),
      credential_keys_(open_keys()),
      idempotency_(lane_, *log_, clock, std::string(32, 'a'), {}),
      metrics_(state_, [] { return Metrics::Levels{}; }),
      backups_(*log_, clock, {}, [](const std::function<void()>&) {}),
      services_{lane_,        *log_,        clock,        zones_,
                tokens_,      dispatcher_,  *secrets_,    credential_keys_,
                idempotency_, rate_limits_, key_changes_, disk_worker_,
                metrics_,     dump_job_,    backups_,     [] {},
                true,         false} {
    clock.time = kNoon;
    for (const RecordedEvent& one : history_) state_.apply(one);
    lane_.start_at(state_.position());
    lane_.observe([this](const RecordedEvent& one) {
        check_event(one);
        history_.push_back(one);
    });
    log_->on_durable([this](Position position, const Result<void>& result) {
        CHECK(result);
        lane_.durable_up_to(position);
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
    log_->flush();
    CHECK(reply.position <= lane_.durable());
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
