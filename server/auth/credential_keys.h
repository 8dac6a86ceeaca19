// The keys of credentials: each secret is sealed with a key of its own, and that key, wrapped by
// the server's, is a file beside the log. Destroyed with it is every copy of what was sealed: in
// the log, in a dump, in a backup.
//
//   secret ──seal, key K──► SealedSecret in the log      K ──seal, server's key──► file KEY.N
//
// A rotation makes a later generation N of a key and destroys the ones before.
//
// Blocks on the disk where it makes and destroys keys: from one thread at a time. Open a secret
// from any thread.

#pragma once

#include "eventlog/base/result.h"
#include "eventlog/events/team_events.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace slipway {

class CredentialKeys {
  public:
    // The files are in `directory`, which is made if it is not there. Errors: io.
    static Result<CredentialKeys> open(const std::filesystem::path& directory,
                                       std::string server_key);

    // Seals `secret` with a key that is durable when this returns: a new one, or a later generation
    // of `previous`. Errors: io.
    Result<SealedSecret> seal(const std::string& secret, const std::string& previous = {});

    // Errors: not_found (its key was destroyed or lost, or is another server's), invalid, io.
    Result<std::string> open(const SealedSecret& sealed) const;

    // Takes back a key that was made and is not needed after all. Errors: io.
    Result<void> discard(const std::string& key);

    // Destroys all generations before that of `key`. Errors: io.
    Result<void> destroy_before(const std::string& key);

    // Destroys `key` with all generations, those after it too. Errors: io.
    Result<void> destroy_line(const std::string& key);

    // Both at once, of what is in use and of what is no more: what a process that ended left
    // undone. Keys that are in neither stay. Errors: io.
    Result<void> settle(const std::vector<std::string>& used, const std::vector<std::string>& dead);

  private:
    struct KeyName;

    CredentialKeys(std::filesystem::path directory, std::string server_key)
        : directory_(std::move(directory)), server_key_(std::move(server_key)) {}

    Result<void> each_key(const std::function<void(const KeyName&)>& visit) const;
    Result<std::uint64_t> newest_of(const std::string& line) const;

    std::filesystem::path directory_;
    std::string server_key_;
};

}  // namespace slipway
