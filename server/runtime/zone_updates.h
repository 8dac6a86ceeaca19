// Whether a directory of zone files holds another version than the one that was taken from it last.
//
// Packages replace such a directory file by file, tzdata.zi among them at any place. So what is new
// is taken only when two looks in a row found the same: a directory that is being replaced is left
// alone. Reads the disk: not for the lane's thread.

#pragma once

#include "eventlog/base/digest.h"
#include "server/runtime/zone_database.h"

#include <optional>

namespace slipway {

class ZoneUpdates {
  public:
    // `version` was taken from `directory` before.
    ZoneUpdates(std::filesystem::path directory, std::string_view version)
        : directory_(std::move(directory)), version_(version) {}

    // The zones of another version; null if there is none, or none yet.
    //
    // Errors: as ZoneDatabase::load. What is there is not taken, and is looked at again.
    Result<std::unique_ptr<ZoneDatabase>> look();

    // Something is new, and must be found the same by the next look.
    bool is_settling() const { return seen_.has_value(); }

  private:
    Result<std::unique_ptr<ZoneDatabase>> load_other();

    std::filesystem::path directory_;
    std::string version_;
    std::optional<Digest> seen_;  // by the last look, of another version
};

}  // namespace slipway
