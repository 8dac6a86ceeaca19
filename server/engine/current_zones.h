// The zone rules that are in force: of one version at a time, and another one from one call to the
// next. What was found before belongs to rules that may be gone: keep none of it.
//
// Not thread-safe: the lane's thread.

#pragma once

#include "server/domain/zones.h"

#include <memory>
#include <string>
#include <utility>

namespace slipway {

class CurrentZones : public Zones {
  public:
    explicit CurrentZones(std::unique_ptr<const Zones> first) { replace(std::move(first)); }

    std::optional<Zone> find(std::string_view name) const override { return zones_->find(name); }
    // The name that the log has for them, once call() said it.
    std::string_view version() const override { return name_; }
    const std::string& digest() const override { return zones_->digest(); }

    void replace(std::unique_ptr<const Zones> by) {
        zones_ = std::move(by);
        name_ = zones_->version();
    }
    // See ZoneRulesChanged.
    void call(std::string name) { name_ = std::move(name); }

  private:
    std::unique_ptr<const Zones> zones_;
    std::string name_;
};

}  // namespace slipway
