#include "eventlog/base/digest.h"

#include "eventlog/base/check.h"

#include <boost/crc.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace slipway {

namespace {

constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Fetched once: OpenSSL 3 looks an algorithm up by name at every use otherwise.
const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return kAlgorithm;
}

EVP_MD_CTX* thread_context() {
    struct Deleter {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    thread_local const std::unique_ptr<EVP_MD_CTX, Deleter> kContext{EVP_MD_CTX_new()};
    return kContext.get();
}

std::string base64_with(std::string_view alphabet, std::string_view bytes, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            if (j <= count) {
                out += alphabet[group >> (18 - 6 * j) & 63U];
            } else if (padded) {
                out += '=';
            }
        }
    }
    return out;
}

}  // namespace

Digest sha256(std::string_view bytes) {
    return sha256(bytes, {});
}

Digest sha256(std::string_view first, std::string_view second) {
    Digest digest{};
    EVP_MD_CTX* const context = thread_context();
    CHECK(EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) == 1);
    CHECK(EVP_DigestUpdate(context, first.data(), first.size()) == 1);
    CHECK(EVP_DigestUpdate(context, second.data(), second.size()) == 1);
    CHECK(EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1);
    return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    Digest digest{};
    const auto* const out = HMAC(sha256_algorithm(), key.data(), static_cast<int>(key.size()),
                                 octets(bytes), bytes.size(), digest.data(), nullptr);
    CHECK(out != nullptr);
    return digest;
}

namespace {

#if defined(__x86_64__)
// The processor's own instruction, twenty times as fast as a table.
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_processor(std::uint32_t state,
                                                                    std::string_view bytes) {
    std::uint64_t crc = state;
    while (bytes.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof word);
        crc = _mm_crc32_u64(crc, word);
        bytes.remove_prefix(sizeof word);
    }
    auto rest = static_cast<std::uint32_t>(crc);
    for (const char byte : bytes) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(byte));
    return rest;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view first, std::string_view second) {
#if defined(__x86_64__)
    static const bool kHasInstruction = __builtin_cpu_supports("sse4.2") != 0;
    if (kHasInstruction) {
        return ~crc32c_by_processor(crc32c_by_processor(0xFFFFFFFF, first), second);
    }
#endif
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(first.data(), first.size());
    crc.process_bytes(second.data(), second.size());
    return crc.checksum();
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kHex[byte >> 4];
        out += kHex[byte & 15U];
    }
    return out;
}

std::string base64_of(std::string_view bytes) {
    return base64_with("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", bytes,
                       true);
}

std::string base64url_of(std::string_view bytes) {
    return base64_with(kBase64Url, bytes, false);
}

std::optional<std::string> bytes_of_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const auto value = kBase64Url.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(group >> bits & 0xFFU);
    }
    // Otherwise one value would have several texts.
    if ((group & ((1U << bits) - 1U)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace slipway
