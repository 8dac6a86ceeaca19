// The application builds the parts of the server in the order in which they need one another, and
// stops them in reverse. It owns them; they borrow from one another.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "server/process/config.h"

#include <memory>
#include <optional>
#include <string>

namespace slipway {

// How a server ends whose command line or settings cannot be meant (sysexits.h: EX_USAGE).
inline constexpr int kExitUsage = 64;

// How a process ends that could not be sure that a write is durable: start it again, and it reads
// what is there.
inline constexpr int kExitOutcomeUnknown = 3;

class Application {
  public:
    // Checks the settings and takes the port; makes and changes nothing. Errors: invalid (a setting
    // cannot be meant, or a file that it names cannot be used), io (the port is in use).
    static Result<std::unique_ptr<Application>> prepare(const Config& config);
    ~Application();

    // Opens the data directory (made on the first start), replays the log and listens. Errors:
    // those of EventLog::open, and of the files beside the log.
    Result<void> start();

    // http://127.0.0.1:8080
    const std::string& url() const;

    // The installation that start() made; nothing if there was one.
    std::optional<InstallationId> created() const;

    // Serves until SIGTERM or SIGINT, drains, and returns the exit status of the process.
    int run();

    struct Parts;

  private:
    explicit Application(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

// Starts, says on standard output where it listens and what it made, and serves. Returns the exit
// status: 0, 1 if the start failed, kExitUsage or kExitOutcomeUnknown.
int serve(const Config& config);

// A token for the first user, who is an admin, or for `user` (a user id). Makes nothing. Errors:
// not_found (no server's data is there), invalid (no such user text), io.
struct TokenRequest {
    std::string user;
    std::string team;
    bool admin = false;
    std::uint32_t days = 30;
};
Result<std::string> make_token(const Config& config, const TokenRequest& request);

}  // namespace slipway
