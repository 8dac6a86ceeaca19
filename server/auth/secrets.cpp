#include "server/auth/secrets.h"

#include "eventlog/base/digest.h"
#include "eventlog/base/key_file.h"
#include "server/auth/seal.h"

namespace slipway {

namespace {

namespace fs = std::filesystem;

Result<std::string> key_in(const fs::path& file, Secrets::Missing missing) {
    auto key = read_key_file(file, kSealKeyBytes);
    if (key || key.error().code != ErrorCode::not_found) return key;
    if (missing == Secrets::Missing::refuse) return key;
    if (const auto made = write_key_file(file, random_key()); !made) return made.error();
    return read_key_file(file, kSealKeyBytes);
}

std::string derive(const std::string& key, std::string_view label, const std::string& what) {
    // No label holds a zero byte, so no two pairs of label and what give the same bytes.
    std::string bytes{label};
    bytes += '\0';
    bytes += what;
    return std::string{bytes_of(hmac_sha256(key, bytes))};
}

}  // namespace

Result<Secrets> Secrets::open(const fs::path& directory, Missing missing) {
    auto jwt_secret = key_in(directory / "jwt_secret", missing);
    if (!jwt_secret) return jwt_secret.error();
    auto server_key = key_in(directory / "server_key", missing);
    if (!server_key) return server_key.error();
    return Secrets{std::move(*jwt_secret), std::move(*server_key)};
}

std::string Secrets::signing_secret(AppId app, std::uint32_t generation) const {
    return derive(server_key_, "signing secret 1", app.text() + " " + std::to_string(generation));
}

std::string Secrets::callback_token(DeploymentId deployment) const {
    return "cbt_" + base64url_of(derive(server_key_, "callback token 1", deployment.text()));
}

std::string Secrets::key_check() const {
    return hex_of(derive(server_key_, "check 1", {})).substr(0, 16);
}

std::string Secrets::answer_key() const {
    return derive(server_key_, "answers 1", {});
}

std::string Secrets::credential_key() const {
    return derive(server_key_, "credentials 1", {});
}

std::string signing_secret_text(std::string_view secret) {
    return "whsec_" + base64_of(secret);
}

std::string new_api_token() {
    return std::string{kApiTokenPrefix} + base64url_of(random_key());
}

std::string new_invitation() {
    return "inv_" + base64url_of(random_key());
}

}  // namespace slipway
