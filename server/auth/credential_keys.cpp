#include "server/auth/credential_keys.h"

#include "eventlog/base/digest.h"
#include "eventlog/base/durable_file.h"
#include "eventlog/base/key_file.h"
#include "server/auth/seal.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

namespace slipway {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLineDigits = 32;
constexpr std::size_t kWrappedBytes = kSealKeyBytes + kSealBytes;
// What is sealed shows how long it is, but for this much.
constexpr std::size_t kPaddedTo = 64;

constexpr std::uint64_t kNeverMade = UINT64_MAX;

Error failed(const fs::path& directory, const std::error_code& error) {
    return {ErrorCode::io, "secrets: " + directory.string() + ": " + error.message()};
}

}  // namespace

// LINE.GENERATION, such as 0f…3a.2: the line stays over rotations.
struct CredentialKeys::KeyName {
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

namespace {

std::string padded(std::string secret) {
    secret.resize((secret.size() / kPaddedTo + 1) * kPaddedTo, '\0');
    return secret;
}

}  // namespace

Result<CredentialKeys> CredentialKeys::open(const fs::path& directory, std::string server_key) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (!error) fs::permissions(directory, fs::perms::owner_all, error);
    if (error) return failed(directory, error);
    if (auto synced = sync_directory(fs::absolute(directory).parent_path()); !synced) {
        return synced.error();
    }
    return CredentialKeys{directory, std::move(server_key)};
}

Result<SealedSecret> CredentialKeys::seal(const std::string& secret, const std::string& previous) {
    KeyName name{hex_of(random_key().substr(0, kLineDigits / 2))};
    if (auto before = KeyName::parse(previous)) {
        // One that is there is left alone: another log, which was here, may need it.
        auto newest = newest_of(before->line);
        if (!newest) return newest.error();
        name = {before->line, std::max(before->generation, *newest) + 1};
    }
    const std::string key = random_key();
    const std::string wrapped = slipway::seal(server_key_, key, name.text());
    if (auto kept = write_key_file(directory_ / name.text(), wrapped); !kept) return kept.error();
    return SealedSecret{name.text(), base64url_of(slipway::seal(key, padded(secret), name.text()))};
}

Result<std::string> CredentialKeys::open(const SealedSecret& sealed) const {
    const Error lost{ErrorCode::not_found, "secrets: credential_keys/" + sealed.key +
                                               " is not there, or another server's"};
    const auto ciphertext = bytes_of_base64url(sealed.ciphertext);
    if (!KeyName::parse(sealed.key) || !ciphertext) return lost;
    const auto wrapped = read_key_file(directory_ / sealed.key, kWrappedBytes);
    if (!wrapped) return wrapped.error();
    const auto key = unseal(server_key_, *wrapped, sealed.key);
    if (!key) return lost;
    auto secret = unseal(*key, *ciphertext, sealed.key);
    if (!secret) return lost;
    secret->erase(secret->find_last_not_of('\0') + 1);
    return std::move(*secret);
}

Result<void> CredentialKeys::discard(const std::string& key) {
    if (!KeyName::parse(key)) return {};
    return destroy_key_file(directory_ / key);
}

Result<void> CredentialKeys::destroy_before(const std::string& key) {
    return settle({key}, {});
}

Result<void> CredentialKeys::destroy_line(const std::string& key) {
    return settle({}, {key});
}

Result<void> CredentialKeys::settle(const std::vector<std::string>& used,
                                    const std::vector<std::string>& dead) {
    std::map<std::string, std::uint64_t> needed;  // from this generation on
    for (const auto& key : dead) {
        if (auto name = KeyName::parse(key)) needed[name->line] = kNeverMade;
    }
    for (const auto& key : used) {
        if (auto name = KeyName::parse(key)) needed[name->line] = name->generation;
    }
    std::vector<fs::path> doomed;
    auto listed = each_key([&](const KeyName& name) {
        const auto known = needed.find(name.line);
        if (known != needed.end() && name.generation < known->second) {
            doomed.push_back(directory_ / name.text());
        }
    });
    if (!listed) return listed;
    for (const auto& file : doomed) {
        if (auto destroyed = destroy_key_file(file); !destroyed) return destroyed;
    }
    return {};
}

Result<void> CredentialKeys::each_key(const std::function<void(const KeyName&)>& visit) const {
    std::error_code error;
    for (fs::directory_iterator at{directory_, error}, end; !error && at != end;
         at.increment(error)) {
        if (const auto name = KeyName::parse(at->path().filename().string())) visit(*name);
    }
    if (error) return failed(directory_, error);
    return {};
}

// 0 if there is none.
Result<std::uint64_t> CredentialKeys::newest_of(const std::string& line) const {
    std::uint64_t newest = 0;
    auto listed = each_key([&](const KeyName& name) {
        if (name.line == line) newest = std::max(newest, name.generation);
    });
    if (!listed) return listed.error();
    return newest;
}

}  // namespace slipway
