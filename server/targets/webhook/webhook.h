// The kind `webhook`: a deployment is a signed POST (Standard Webhooks 1.0.0) to the setting `url`.
// The answer decides: 202 leaves the end to a report, another 2xx is success, 408, 425, 429 and 5xx
// may be sent again, all else is failure. A receiver knows a repeated request by its webhook-id.

#pragma once

#include "server/targets/executor.h"

namespace slipway {

class WebhookExecutor : public Executor {
  public:
    const Description& description() const override;
    std::string origin(const TargetSettings& settings) const override;
    std::string summary(const TargetSettings& settings) const override;
    Ask begin(const Work& work) const override;
    Step read(const Work& work, std::uint8_t step, const Answer& answer) const override;
    // Requires: begin() made the request.
    void sign(HttpRequest& request, const Keys& keys, Instant now) const override;
};

}  // namespace slipway
