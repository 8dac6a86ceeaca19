// Whether a directory of zone files holds other rules than those that were taken from it last. All
// rules are compared, by their digest: a directory may change under one version.
//
// Packages replace such a directory file by file, tzdata.zi among them at any place. So what is new
// is taken only when two looks in a row found the same: a directory that is being replaced is left
// alone. Reads the disk: not for the lane's thread.

#pragma once

#include "server/zones/zone_database.h"

#include <optional>
#include <string>

namespace slipway {

class ZoneUpdates {
  public:
    // The rules with `digest` (see Zones) were taken from `directory` before.
    ZoneUpdates(std::filesystem::path directory, std::string digest)
        : directory_(std::move(directory)), taken_(std::move(digest)) {}

    // Other rules; null if there are none, or none yet.
    //
    // Errors: as ZoneDatabase::load. What is there is not taken, and is looked at again.
    Result<std::unique_ptr<ZoneDatabase>> look();

    // Something is new, and must be found the same by the next look.
    bool is_settling() const { return seen_.has_value(); }

  private:
    std::filesystem::path directory_;
    std::string taken_;
    std::optional<std::string> seen_;  // the digest of other rules, by the last look
};

}  // namespace slipway
