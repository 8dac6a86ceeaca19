// A key of an issuer's that tests make and sign with: what an issuer has, and this server never.

#pragma once

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>
#include <string_view>

namespace slipway {

class SigningKey {
  public:
    static SigningKey rsa(std::size_t bits = 2'048) {
        return SigningKey{EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits)};
    }
    static SigningKey ec(const char* curve = "P-256") {
        return SigningKey{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve)};
    }
    static SigningKey ed25519() {
        return SigningKey{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    }

    // The public key as a JWK; `members` follow, so they begin with a comma.
    std::string jwk(const std::string& members = "") const {
        std::string json;
        if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
            json = R"({"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                   number(OSSL_PKEY_PARAM_RSA_E) + "\"";
        } else if (EVP_PKEY_is_a(key_.get(), "EC") == 1) {
            json = R"({"kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
                   R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"";
        } else {
            std::string x(32, '\0');
            std::size_t length = x.size();
            CHECK(EVP_PKEY_get_raw_public_key(key_.get(), bytes(x), &length) == 1);
            json = R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url_of(x) + "\"";
        }
        return json + members + "}";
    }

    // As attackers get it, to use it for what it is not.
    std::string pem() const {
        const std::unique_ptr<BIO, decltype(&BIO_free_all)> out{BIO_new(BIO_s_mem()),
                                                                &BIO_free_all};
        CHECK(PEM_write_bio_PUBKEY(out.get(), key_.get()) == 1);
        char* text = nullptr;
        const long length = BIO_get_mem_data(out.get(), &text);
        return {text, static_cast<std::size_t>(length)};
    }

    // As OpenSSL writes it: that of EC in DER.
    std::string plain_signature(std::string_view text) const {
        const bool built_in = EVP_PKEY_is_a(key_.get(), "ED25519") == 1;
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                              &EVP_MD_CTX_free};
        CHECK(EVP_DigestSignInit(context.get(), nullptr, built_in ? nullptr : EVP_sha256(), nullptr,
                                 key_.get()) == 1);
        const auto* const data = reinterpret_cast<const unsigned char*>(text.data());
        std::size_t length = 0;
        CHECK(EVP_DigestSign(context.get(), nullptr, &length, data, text.size()) == 1);
        std::string signature(length, '\0');
        CHECK(EVP_DigestSign(context.get(), bytes(signature), &length, data, text.size()) == 1);
        signature.resize(length);
        return signature;
    }

    // As JOSE writes it.
    std::string signature(std::string_view text) const {
        const std::string plain = plain_signature(text);
        if (EVP_PKEY_is_a(key_.get(), "EC") != 1) return plain;
        const auto* der = reinterpret_cast<const unsigned char*>(plain.data());
        const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair{
            d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(plain.size())), &ECDSA_SIG_free};
        CHECK(pair != nullptr);
        return bytes_of_number(ECDSA_SIG_get0_r(pair.get()), 32) +
               bytes_of_number(ECDSA_SIG_get0_s(pair.get()), 32);
    }

    std::string token(std::string_view header, std::string_view payload) const {
        const std::string text = base64url_of(header) + "." + base64url_of(payload);
        return text + "." + base64url_of(signature(text));
    }

  private:
    explicit SigningKey(EVP_PKEY* key) : key_(key, &EVP_PKEY_free) { CHECK(key != nullptr); }

    static unsigned char* bytes(std::string& text) {
        return reinterpret_cast<unsigned char*>(text.data());
    }
    static std::string bytes_of_number(const BIGNUM* number, int length) {
        std::string all(static_cast<std::size_t>(length), '\0');
        CHECK(BN_bn2binpad(number, bytes(all), length) == length);
        return all;
    }
    std::string number(const char* name, int length = 0) const {
        BIGNUM* found = nullptr;
        CHECK(EVP_PKEY_get_bn_param(key_.get(), name, &found) == 1);
        const std::unique_ptr<BIGNUM, decltype(&BN_free)> owned{found, &BN_free};
        return base64url_of(bytes_of_number(found, length > 0 ? length : BN_num_bytes(found)));
    }

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace slipway
