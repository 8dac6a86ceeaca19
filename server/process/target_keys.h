// What targets are shown and signed with, from the keys of the data directory: signing secrets and
// callback tokens are derived, credentials are opened.

#pragma once

#include "server/auth/credential_keys.h"
#include "server/auth/secrets.h"
#include "server/engine/target_secrets.h"

namespace slipway {

class TargetKeys : public TargetSecrets {
  public:
    // Both outlive it.
    TargetKeys(const Secrets& secrets, const CredentialKeys& credentials)
        : secrets_(secrets), credentials_(credentials) {}

    std::vector<std::string> signing_secrets(const App& app, Instant now) const override;
    std::string callback_token(DeploymentId id) const override;
    Result<Authorization> authorization(const Credential& credential) const override;

  private:
    const Secrets& secrets_;
    const CredentialKeys& credentials_;
};

}  // namespace slipway
