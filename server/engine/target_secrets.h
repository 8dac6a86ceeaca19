// The port to the secrets that requests to targets carry. The log has none of them.
//
// Not thread-safe: the lane's thread.

#pragma once

#include "eventlog/base/result.h"
#include "projections/state.h"
#include "server/auth/authorization.h"

#include <string>
#include <vector>

namespace slipway {

class TargetSecrets {
  public:
    virtual ~TargetSecrets() = default;

    // The keys that sign for `app` now, newest first: during a rotation there are two.
    virtual std::vector<std::string> signing_secrets(const App& app, Instant now) const = 0;
    virtual std::string callback_token(DeploymentId id) const = 0;
    // Errors: not_found (its key is gone for good), io.
    virtual Result<Authorization> authorization(const Credential& credential) const = 0;
};

}  // namespace slipway
