// The ZoneDatabase holds all zones of a directory of zone files, such as /usr/share/zoneinfo.
//
// It reads the directory once, in load(); after that it is immutable and safe from any thread. To
// follow a change of the directory see zone_updates.h.

#pragma once

#include "eventlog/base/result.h"
#include "server/domain/zones.h"

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace slipway {

class ZoneDatabase : public Zones {
  public:
    // Takes the version and the names from `directory`/tzdata.zi, and the rules of each zone from
    // its file. An alias has the rules of what it is a link to, at last. UTC is always there.
    //
    // It is not an error if a zone has no file (some systems leave out old ones): then it and its
    // aliases do not exist.
    //
    // Errors:
    //   not_found             there is no tzdata.zi, or none of its zones.
    //   io                    a file cannot be read.
    //   corruption, invalid   a file is damaged, or is not what it should be; the message names it.
    static Result<std::unique_ptr<ZoneDatabase>> load(const std::filesystem::path& directory);

    // Cost: one hash of the name.
    std::optional<Zone> find(std::string_view name) const override;
    std::string_view version() const override { return version_; }

    // Of all that was read.
    const std::string& digest() const override { return digest_; }

    // How many names there are, aliases included.
    std::size_t size() const { return zones_.size(); }

  private:
    ZoneDatabase() = default;

    void add(std::string_view given, std::string_view canonical, const ZoneRules& rules);
    std::string_view kept(std::string_view text);

    std::string version_;
    std::string digest_;
    // Deques, because what is in them is pointed to.
    std::deque<ZoneRules> rules_;
    std::deque<std::string> names_;
    std::unordered_map<std::string_view, Zone> zones_;  // by the name in lower case
};

}  // namespace slipway
