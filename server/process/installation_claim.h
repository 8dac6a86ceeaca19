// InstallationClaim tells whether the log in a data directory is the one that this installation
// wrote there last. It is not where the directory is a copy, was moved to another machine, or was
// put back to an earlier state. Then the log is claimed for a new installation, which starts held.
//
// For that it keeps the end of the log, once it is durable, in the file `installation` and in the
// high-water file, which lies outside of the data directory: a volume that is rolled back takes the
// first along, and not the second.
//
// Threads: one at a time, the start's first and the keeper's afterwards.

#pragma once

#include "eventlog/log/event_log.h"
#include "server/domain/command.h"
#include "server/process/installation_file.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace slipway {

class InstallationClaim {
  public:
    struct Settings {
        std::filesystem::path data;
        std::filesystem::path log;
        std::filesystem::path high_water_file;  // empty: none is kept
        std::string machine;
    };

    // Reads the high-water file. Errors: invalid (it is something else, or lies in the data
    // directory), io.
    static Result<InstallationClaim> prepare(Settings settings);

    // Whether a log may be made where none is. Errors: invalid (this machine had one).
    Result<void> may_create() const;

    // Reads `installation`, and notes in it that the log's files are about to change. Call it while
    // the log is locked and before it is opened; `places` are the log's. `key_check` is of the
    // server's key. Errors: invalid (it is another key), io.
    Result<void> before_open(PlaceWatch& places, const std::string& key_check);

    // The claim that must become durable in `log` before it dispatches; nothing if the log is where
    // it was left. `known` is the installation that the log names, `fresh` an id for a new one.
    // Writes `installation` in either case. Errors: corruption, io.
    Result<std::optional<ClaimInstallation>> judge(EventLog& log,
                                                   std::optional<InstallationId> known, Uuid fresh,
                                                   const std::string& key_check);

    // Keeps the end of what is durable in `log`: in the high-water file if it grew, and in
    // `installation` once the log is 1,000 events longer, 60 seconds have passed, or `is_last`.
    // Errors: io.
    Result<void> keep_end(EventLog& log, std::chrono::nanoseconds now, bool is_last);

  private:
    explicit InstallationClaim(Settings settings) : settings_(std::move(settings)) {}

    Result<std::optional<ClaimReason>> reason(const EventLog& log,
                                              std::optional<InstallationId> known) const;
    Result<bool> went_back(const EventLog& log) const;
    InstallationPlace place() const;

    Settings settings_;
    std::optional<HighWater> seen_;         // by the high-water file
    std::optional<InstallationFile> file_;  // as it was found
    InstallationFile written_;              // as it is now
    std::chrono::nanoseconds written_at_{0};
};

}  // namespace slipway
