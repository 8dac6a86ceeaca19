// Sealing: what is written is readable only with the key, and cannot be changed or put elsewhere
// unnoticed. AES-256-GCM (NIST SP 800-38D) with a random nonce. Safe from any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

inline constexpr std::size_t kSealKeyBytes = 32;
inline constexpr std::size_t kSealBytes = 12 + 16;  // longer than what was sealed

// As many random bytes.
std::string random_key();

// Nonce (12 bytes), ciphertext, tag (16). `bound` says what it is for: it is not in the result, and
// must be the same to open it. Requires: key.size() == kSealKeyBytes; a key seals less than 2^32
// times.
std::string seal(std::string_view key, std::string_view plain, std::string_view bound);

// Nothing if the key or `bound` is another, or a byte was changed.
std::optional<std::string> unseal(std::string_view key, std::string_view sealed,
                                  std::string_view bound);

}  // namespace slipway
