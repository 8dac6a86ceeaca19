#include "server/process/target_keys.h"

#include "eventlog/base/digest.h"

namespace slipway {

namespace {

// For as long as receivers may need to learn of a new signing secret, the one before signs too.
constexpr std::chrono::hours kRotationOverlap{24};

}  // namespace

std::vector<std::string> TargetKeys::signing_secrets(const App& app, Instant now) const {
    std::vector<std::string> found{secrets_.signing_secret(app.id, app.signing_generation)};
    const bool rotating =
        app.signing_rotated_at && now - *app.signing_rotated_at < kRotationOverlap;
    if (rotating) {
        found.push_back(secrets_.signing_secret(app.id, app.signing_generation - 1));
    }
    return found;
}

std::string TargetKeys::callback_token(DeploymentId id) const {
    return secrets_.callback_token(id);
}

Result<Authorization> TargetKeys::authorization(const Credential& credential) const {
    const auto secret = credentials_.open(credential.secret);
    if (!secret) return secret.error();
    switch (credential.kind) {
        case CredentialKind::bearer:
            return Authorization{"Authorization", "Bearer " + *secret, *secret};
        case CredentialKind::basic:
            // RFC 7617.
            return Authorization{"Authorization",
                                 "Basic " + base64_of(credential.username + ":" + *secret),
                                 *secret};
        case CredentialKind::header:
            return Authorization{credential.header, *secret, *secret};
    }
    return Error{ErrorCode::invalid, "secrets: a credential of no kind that is known"};
}

}  // namespace slipway
