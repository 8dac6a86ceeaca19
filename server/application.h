// The application builds the parts of the server in the order in which they need one another, and
// stops them in reverse. It owns them; they borrow from one another.

#pragma once

#include "eventlog/base/result.h"
#include "server/config.h"

#include <memory>
#include <string>

namespace slipway {

// How a process ends that could not be sure that a write is durable: start it again, and it reads
// what is there.
inline constexpr int kExitOutcomeUnknown = 3;

class Application {
  public:
    // Opens the data directory (made on the first start), replays the log and listens.
    static Result<std::unique_ptr<Application>> start(const Config& config);
    ~Application();

    // http://127.0.0.1:8080
    const std::string& url() const;

    // Serves until SIGTERM or SIGINT, drains, and returns the exit status of the process.
    int run();

    struct Parts;

  private:
    explicit Application(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

// Starts, says on standard output where it listens, and serves. Returns the exit status.
int serve(const Config& config);

// A token for the first user, who is an admin, or for `user` (a user id). Makes the data directory
// on the first start. Errors: invalid (no such user text), corruption, io.
struct TokenRequest {
    std::string user;
    std::string team;
    bool admin = false;
    std::uint32_t days = 30;
};
Result<std::string> make_token(const Config& config, const TokenRequest& request);

}  // namespace slipway
