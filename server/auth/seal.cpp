#include "server/auth/seal.h"

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

namespace slipway {

namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
static_assert(kNonceBytes + kTagBytes == kSealBytes);

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* buffer(char* text) {
    return reinterpret_cast<unsigned char*>(text);
}
int length(std::string_view text) {
    return static_cast<int>(text.size());
}

}  // namespace

std::string random_key() {
    std::array<unsigned char, kSealKeyBytes> key{};
    CHECK(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1);
    return {key.begin(), key.end()};
}

std::string seal(std::string_view key, std::string_view plain, std::string_view bound) {
    CHECK(key.size() == kSealKeyBytes);
    std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
    CHECK(RAND_bytes(buffer(sealed.data()), kNonceBytes) == 1);
    const Cipher cipher{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(key),
                             buffer(sealed.data())) == 1);
    int written = 0;
    CHECK(EVP_EncryptUpdate(cipher.get(), nullptr, &written, octets(bound), length(bound)) == 1);
    CHECK(EVP_EncryptUpdate(cipher.get(), buffer(sealed.data() + kNonceBytes), &written,
                            octets(plain), length(plain)) == 1);
    char* const tag = sealed.data() + kNonceBytes + plain.size();
    CHECK(EVP_EncryptFinal_ex(cipher.get(), buffer(tag), &written) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag) == 1);
    return sealed;
}

std::optional<std::string> unseal(std::string_view key, std::string_view sealed,
                                  std::string_view bound) {
    CHECK(key.size() == kSealKeyBytes);
    if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
    std::string tag{sealed.substr(sealed.size() - kTagBytes)};
    const auto secret = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
    std::string plain(secret.size(), '\0');
    const Cipher cipher{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    CHECK(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(key),
                             octets(sealed)) == 1);
    int written = 0;
    CHECK(EVP_DecryptUpdate(cipher.get(), nullptr, &written, octets(bound), length(bound)) == 1);
    CHECK(EVP_DecryptUpdate(cipher.get(), buffer(plain.data()), &written, octets(secret),
                            length(secret)) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
    unsigned char rest[kTagBytes];
    if (EVP_DecryptFinal_ex(cipher.get(), rest, &written) != 1) return std::nullopt;
    return plain;
}

}  // namespace slipway
