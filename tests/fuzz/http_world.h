// A server without sockets, threads and a disk for its log: the real router over a real lane, where
// the story of story.h has happened. It is noon.

#pragma once

#include "server/api/services.h"
#include "server/process/jobs/log_backups.h"
#include "server/process/metrics.h"
#include "tests/fuzz/story.h"
#include "tests/support/few_secrets.h"
#include "tests/support/fixtures.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scenario.h"
#include "tests/support/temporary_directory.h"

#include <memory>
#include <string>
#include <vector>

namespace slipway {

class HttpWorld {
  public:
    HttpWorld();
    HttpWorld(const HttpWorld&) = delete;
    HttpWorld& operator=(const HttpWorld&) = delete;

    // What is answered, once it may be sent.
    Reply answer(const Request& request);

    const State& state() const { return engine_.state(); }
    const std::vector<RecordedEvent>& history() const { return history_; }

    ScriptedIds ids;
    ManualClock clock;

  private:
    std::vector<RecordedEvent> history_;
    FewSecrets secrets_;
    Engine engine_;
    TokenCache tokens_;
    CredentialKeys credential_keys_;
    Idempotency idempotency_;
    RateLimits rate_limits_{{}};
    RateLimits key_changes_{{}};
    DiskWorker disk_worker_{[](const std::function<void()>& done) { done(); }};
    Metrics metrics_;
    BackgroundJob dump_job_{"dump"};
    LogBackups backups_;
    Services services_;
};

// The token of somebody who signed in; an admin's if they are one.
std::string signed_in(UserId user, bool is_admin);

}  // namespace slipway
