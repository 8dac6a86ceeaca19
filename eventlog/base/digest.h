// Digests and keyed digests, and the checksum of records: SHA-256 (FIPS 180-4), HMAC-SHA256 (RFC
// 2104), CRC-32C (RFC 3720, B.4). Safe from any thread.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);

// One pass over two pieces, without joining them.
Digest sha256(std::string_view first, std::string_view second);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
// Of two pieces, as if they were one.
std::uint32_t crc32c(std::string_view first, std::string_view second = {});

inline std::string_view bytes_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// The bytes of a text in the type that OpenSSL takes.
inline const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// Takes the same time wherever the two differ.
bool equal_in_constant_time(std::string_view left, std::string_view right);

std::string hex_of(std::string_view bytes);
// RFC 4648, section 4 (with padding) and section 5 (url: without).
std::string base64_of(std::string_view bytes);
std::string base64url_of(std::string_view bytes);

// The bytes of which `text` is the base64url. Nothing if it is any other text: padded, with a
// foreign character, of a length that cannot be, or with bits left over that are not zero.
std::optional<std::string> bytes_of_base64url(std::string_view text);

}  // namespace slipway
