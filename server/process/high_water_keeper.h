// HighWaterKeeper looks once a second how far the log is durable and has that kept outside of the
// log. It has a thread of its own, so that neither a commit nor a request waits for these files.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/stoppable_thread.h"
#include "server/process/installation_claim.h"

#include <string>

namespace slipway {

class HighWaterKeeper {
  public:
    // Keeps nothing before `log` is durable up to `from`: where the log was put back, the mark that
    // tells so must stay until the claim of that is on the disk. All of them outlive it.
    HighWaterKeeper(InstallationClaim& claim, EventLog& log, const Clock& clock, Position from);

    // Ends the thread. Idempotent.
    void stop() { thread_.stop(); }

    // Keeps the end of a log that was closed. Requires: stop().
    void keep_last() { keep(true); }

  private:
    void keep(bool is_last);

    InstallationClaim& claim_;
    EventLog& log_;
    const Clock& clock_;
    const Position from_;
    std::string failure_;  // the last one, traced once
    StoppableThread thread_;
};

}  // namespace slipway
