// Backups are consistent copies of the log, made beside the work and without stopping it: every
// record up to one position, read and proven on the way, in a new log with the same digests. Keys
// are no part of it, nor are answers that are remembered for idempotency keys.
//
// A server over one starts held, as over every copy. All calls belong to the io thread.

#pragma once

#include "eventlog/base/background_job.h"
#include "eventlog/base/clock.h"
#include "eventlog/log/event_log.h"
#include "server/api/backups.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

class LogBackups : public Backups {
  public:
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
    LogBackups(const EventLog& log, const Clock& clock, Options options, Post post);

    bool are_set_up() const override { return !options_.directory.empty(); }
    const std::optional<Last>& last() const override { return last_; }
    void announce(Position end) override;
    void start() override;

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

}  // namespace slipway
