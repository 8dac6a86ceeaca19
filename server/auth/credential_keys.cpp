#include "server/auth/credential_keys.h"

#include "eventlog/base/digest.h"
#include "server/auth/key_file.h"
#include "server/auth/seal.h"

#include <charconv>
#include <string_view>

namespace slipway {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLineDigits = 32;
constexpr std::size_t kWrappedBytes = kSealKeyBytes + kSealBytes;
// What is sealed shows how long it is, but for this much.
constexpr std::size_t kPaddedTo = 64;

// LINE.GENERATION, such as 0f…3a.2: the line stays over rotations.
struct KeyName {
    std::string line;
    std::uint64_t generation = 1;

    std::string text() const { return line + "." + std::to_string(generation); }

    // Nothing if it is none of ours: it comes from a log, and becomes the name of a file.
    static std::optional<KeyName> parse(std::string_view text) {
        const auto line = text.substr(0, kLineDigits);
        const bool hexadecimal =
            line.find_first_not_of("0123456789abcdef") == std::string_view::npos;
        if (text.size() < kLineDigits + 2 || text[kLineDigits] != '.' || !hexadecimal) {
            return std::nullopt;
        }
        KeyName name{std::string{line}};
        const char* const end = text.data() + text.size();
        const auto parsed = std::from_chars(line.data() + kLineDigits + 1, end, name.generation);
        const bool numbered = parsed.ec == std::errc{} && name.generation > 0;
        if (!numbered || name.text() != text) return std::nullopt;
        return name;
    }
};

std::string padded(std::string secret) {
    secret.resize((secret.size() / kPaddedTo + 1) * kPaddedTo, '\0');
    return secret;
}

}  // namespace

Result<CredentialKeys> CredentialKeys::open(const fs::path& directory, std::string server_key) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (!error) fs::permissions(directory, fs::perms::owner_all, error);
    if (error)
        return Error{ErrorCode::io, "secrets: " + directory.string() + ": " + error.message()};
    return CredentialKeys{directory, std::move(server_key)};
}

Result<SealedSecret> CredentialKeys::seal(const std::string& secret, const std::string& previous) {
    KeyName name{hex_of(random_key().substr(0, kLineDigits / 2))};
    if (auto before = KeyName::parse(previous)) {
        name = std::move(*before);
        ++name.generation;
    }
    const std::string key = random_key();
    const std::string wrapped = slipway::seal(server_key_, key, name.text());
    // One that is there belongs to a rotation that never came to the log.
    const fs::path file = directory_ / name.text();
    if (auto removed = destroy_key_file(file); !removed) return removed.error();
    if (auto kept = write_key_file(file, wrapped); !kept) return kept.error();
    return SealedSecret{name.text(), base64url_of(slipway::seal(key, padded(secret), name.text()))};
}

std::optional<std::string> CredentialKeys::open(const SealedSecret& sealed) const {
    if (!KeyName::parse(sealed.key)) return std::nullopt;
    const auto wrapped = read_key_file(directory_ / sealed.key, kWrappedBytes);
    const auto ciphertext = bytes_of_base64url(sealed.ciphertext);
    if (!wrapped || !ciphertext) return std::nullopt;
    const auto key = unseal(server_key_, *wrapped, sealed.key);
    if (!key) return std::nullopt;
    auto secret = unseal(*key, *ciphertext, sealed.key);
    if (secret) secret->erase(secret->find_last_not_of('\0') + 1);
    return secret;
}

Result<void> CredentialKeys::destroy(const std::string& key) {
    const auto name = KeyName::parse(key);
    if (!name) return {};
    if (auto settled = settle({key}); !settled) return settled;
    return destroy_key_file(directory_ / name->text());
}

Result<void> CredentialKeys::settle(const std::vector<std::string>& keys) {
    for (const auto& key : keys) {
        auto name = KeyName::parse(key);
        if (!name) continue;
        const std::uint64_t used = name->generation;
        const auto is_there = [&](std::uint64_t generation) {
            name->generation = generation;
            std::error_code error;
            return fs::exists(directory_ / name->text(), error) || error;
        };
        // The oldest goes first: wherever this is cut off, none is left below one that is gone.
        std::uint64_t oldest = used;
        while (oldest > 1 && is_there(oldest - 1)) --oldest;
        for (name->generation = oldest; name->generation < used; ++name->generation) {
            if (auto destroyed = destroy_key_file(directory_ / name->text()); !destroyed) {
                return destroyed;
            }
        }
    }
    return {};
}

}  // namespace slipway
