// The keys of a data directory, and what is derived from them. They are files beside the log and
// never in it:
//
//   jwt_secret   signs the tokens of users; replaced, all tokens end
//   server_key   the root of what targets are given; replaced, all signatures and callbacks change
//
// Each holds 32 random bytes, for its owner and group only. What is derived (HMAC-SHA256 of a label
// and what it is for) is the same at every start, so nothing of it is stored.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace slipway {

class Secrets {
  public:
    enum class Missing { create, refuse };

    // Reads the keys in `directory`, which exists. Those that are missing are made, or refused:
    // only the first start makes them, since to make one anew would silently disown every receiver.
    //
    // Errors:
    //   not_found  a key is missing and not to be made
    //   invalid    a key has the wrong size, is no plain file, or can be read by others
    //   io         the system refused
    static Result<Secrets> open(const std::filesystem::path& directory, Missing missing);

    // Raw bytes.
    const std::string& jwt_secret() const { return jwt_secret_; }

    // The key that signs webhooks for `app`, raw bytes. Each generation has another one.
    std::string signing_secret(AppId app, std::uint32_t generation) const;

    // With it, and nothing else, a target may report the outcome of `deployment`: cbt_ and 43
    // characters. Compare with equal_in_constant_time().
    std::string callback_token(DeploymentId deployment) const;

    // Tells whether the server's key is the one that it was, and nothing else of it.
    std::string key_check() const;

    // Seals what is kept of answers (see seal.h).
    std::string answer_key() const;

    // Wraps the keys of credentials (credential_keys.h).
    std::string credential_key() const;

  private:
    Secrets(std::string jwt_secret, std::string server_key)
        : jwt_secret_(std::move(jwt_secret)), server_key_(std::move(server_key)) {}

    std::string jwt_secret_;
    std::string server_key_;
};

// The text form in which a receiver is given a signing secret: whsec_ and base64.
std::string signing_secret_text(std::string_view secret);

// Nobody can guess one: slp_ or inv_, and 43 characters of base64url.
std::string new_api_token();
std::string new_invitation();
inline constexpr std::string_view kApiTokenPrefix = "slp_";

}  // namespace slipway
