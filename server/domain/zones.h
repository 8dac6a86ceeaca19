// Zones answers which rules a zone's name stands for. It is a port: the domain asks it, and the
// shell holds the database that answers (server/zones/zone_database.h).

#pragma once

#include "server/domain/zone_rules.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// Borrowed from the Zones that gave it.
struct Zone {
    std::string_view given;      // the name that was asked for, as the database spells it
    std::string_view canonical;  // what it is a link to; the same as `given` if it is no link
    const ZoneRules* rules = nullptr;
};

class Zones {
  public:
    virtual ~Zones() = default;

    // The zone of that name or alias, in any case; nothing if there is none.
    virtual std::optional<Zone> find(std::string_view name) const = 0;

    // The version of the rules, as "2026f".
    virtual std::string_view version() const = 0;

    // SHA-256 of all rules, in hexadecimal: other rules of the same version have another one.
    virtual const std::string& digest() const = 0;
};

}  // namespace slipway
