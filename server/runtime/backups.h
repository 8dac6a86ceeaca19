// Backups are consistent copies of the log, made beside the work and without stopping it: every
// record up to one position, read and proven on the way, in a new log with the same digests. Keys
// are no part of it, nor are answers that are remembered for idempotency keys.
//
// A server over one starts held, as over every copy. All calls belong to the io thread.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/log/event_log.h"
#include "server/runtime/background_job.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

class Backups {
  public:
    enum class Progress : std::uint8_t { running, done, failed };
    // The last one that was begun since the start of the server.
    struct Last {
        std::string name;  // of its directory
        Progress progress = Progress::running;
        Position position;   // the last that it holds
        std::string digest;  // as of there, in hexadecimal digits; empty until it is done
        Instant started_at;
        std::optional<Instant> ended_at;
        std::string failure;  // why it failed; no path of this machine
    };
    using Post = std::function<void(std::function<void()>)>;

    struct Options {
        // Where they are put, one directory each. Servers may share it. Empty: there are none.
        std::filesystem::path directory;
        // Names this server in what is not done yet: its installation's id. Requires: not empty.
        std::string owner;
        // Below this much free space there they give up.
        std::uintmax_t disk_reserve_bytes = kDiskReserveLeast;
    };

    // `post` hands a piece of work to the io thread. Removes what an earlier process of the same
    // owner left of one, and nothing else.
    Backups(const EventLog& log, const Clock& clock, Options options, Post post);

    bool are_set_up() const { return !options_.directory.empty(); }
    bool is_running() const { return last_ && last_->progress == Progress::running; }
    const std::optional<Last>& last() const { return last_; }

    // From here on one is running. Requires: are_set_up() and !is_running().
    void announce(Position end);
    // Begins the one that was announced, once all that it holds is durable.
    void start();

    // What is not done is given up and removed.
    void stop() { job_.stop(); }

  private:
    void ended(const Result<std::string>& digest);

    const EventLog& log_;
    const Clock& clock_;
    Options options_;
    Post post_;
    std::optional<Last> last_;
    BackgroundJob job_{"backup"};
};

std::string_view name_of(Backups::Progress progress);

}  // namespace slipway
