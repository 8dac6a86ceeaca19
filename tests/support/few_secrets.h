// The secrets of a test: what a target is shown follows from the name of the credential.

#pragma once

#include "server/engine/target_secrets.h"

#include <string>
#include <vector>

namespace slipway {

class FewSecrets : public TargetSecrets {
  public:
    std::vector<std::string> signing_secrets(const App&, Instant) const override {
        return {std::string(32, 'w')};
    }
    std::string callback_token(DeploymentId id) const override { return "cbt_" + id.text(); }
    // The credential "lost" has no key any more; that of "sick" cannot be read for now.
    Result<Authorization> authorization(const Credential& credential) const override {
        if (credential.name == "lost") return Error{ErrorCode::not_found, "secrets: it is gone"};
        if (credential.name == "sick") return Error{ErrorCode::io, "secrets: the disk is sick"};
        return Authorization{"Authorization", "Bearer " + credential.name, credential.name};
    }
};

}  // namespace slipway
