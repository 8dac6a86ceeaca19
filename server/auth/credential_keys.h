// The keys of credentials: each secret is sealed with a key of its own, and that key, wrapped by
// the server's, is a file beside the log. Destroyed with it is every copy of what was sealed: in
// the log, in a dump, in a backup.
//
//   secret ──seal, key K──► SealedSecret in the log      K ──seal, server's key──► file KEY.N
//
// A rotation makes the next generation N of a key and destroys the ones before.
//
// Blocks on the disk where it makes and destroys keys, which is seldom. From one thread at a time.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/events/team_events.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

class CredentialKeys {
  public:
    // The files are in `directory`, which is made if it is not there. Errors: io.
    static Result<CredentialKeys> open(const std::filesystem::path& directory,
                                       std::string server_key);

    // Seals `secret` with a key that is durable when this returns: a new one, or the next
    // generation of `previous`. Errors: io.
    Result<SealedSecret> seal(const std::string& secret, const std::string& previous = {});

    // Nothing if its key was destroyed or lost, or is another server's.
    std::optional<std::string> open(const SealedSecret& sealed) const;

    // Destroys the key of that name, and all generations before it. Errors: io.
    Result<void> destroy(const std::string& key);

    // Destroys the generations before those of `keys`, which are in use: what a process that ended
    // left undone. Errors: io.
    Result<void> settle(const std::vector<std::string>& keys);

  private:
    CredentialKeys(std::filesystem::path directory, std::string server_key)
        : directory_(std::move(directory)), server_key_(std::move(server_key)) {}

    std::filesystem::path directory_;
    std::string server_key_;
};

}  // namespace slipway
