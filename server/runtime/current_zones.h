// The zone rules that are in force: of one version at a time, and another one from one call to the
// next. What was found before belongs to rules that may be gone: keep none of it.
//
// Not thread-safe: the lane's thread.

#pragma once

#include "server/domain/zones.h"

#include <memory>
#include <utility>

namespace slipway {

class CurrentZones : public Zones {
  public:
    explicit CurrentZones(std::unique_ptr<const Zones> first) : zones_(std::move(first)) {}

    std::optional<Zone> find(std::string_view name) const override { return zones_->find(name); }
    std::string_view version() const override { return zones_->version(); }

    void replace(std::unique_ptr<const Zones> by) { zones_ = std::move(by); }

  private:
    std::unique_ptr<const Zones> zones_;
};

}  // namespace slipway
