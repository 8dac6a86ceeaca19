// The port through which the API starts a backup and asks how it goes: a consistent copy of the
// log, made beside the work. All calls belong to the io thread.

#pragma once

#include "eventlog/base/strong.h"
#include "eventlog/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

class Backups {
  public:
    enum class Progress : std::uint8_t { running, done, failed };
    // The last backup that was begun since the start of the server.
    struct Last {
        std::string name;  // of its directory
        Progress progress = Progress::running;
        Position position;   // the last that it holds
        std::string digest;  // as of there, in hexadecimal digits; empty until it is done
        Instant started_at;
        std::optional<Instant> ended_at;
        std::string failure;  // why it failed; no path of this machine
    };

    virtual ~Backups() = default;

    virtual bool are_set_up() const = 0;
    virtual const std::optional<Last>& last() const = 0;
    bool are_running() const { return last() && last()->progress == Progress::running; }

    // From here on a backup is running. Requires: are_set_up() and !are_running().
    virtual void announce(Position end) = 0;
    // Begins the backup that was announced, once all that it holds is durable.
    virtual void start() = 0;
};

std::string_view name_of(Backups::Progress progress);

}  // namespace slipway
