// KindRules answers the domain's questions about targets from the table of kinds.
//
// Thread-safe.

#pragma once

#include "server/domain/target_rules.h"
#include "server/targets/executor.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class KindRules final : public TargetRules {
  public:
    // `kinds` outlives it.
    explicit KindRules(const Kinds& kinds) : kinds_(kinds) {}

    void check(const Target& target, std::vector<FieldError>& errors) const override;
    std::string origin(const Target& target) const override;
    std::string summary(const Target& target) const override;
    std::optional<std::string> resend_reason(const Target& target) const override;
    bool sets_header(std::string_view name) const override;

  private:
    const Kinds& kinds_;
};

}  // namespace slipway
