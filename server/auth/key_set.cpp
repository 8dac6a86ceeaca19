#include "server/auth/key_set.h"

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"
#include "server/auth/json_object.h"

#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <set>

namespace slipway {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kFieldBytes = 32;  // of a coordinate, of r and of s, on P-256
constexpr std::size_t kEd25519KeyBytes = 32;
// One of 1 would make every text its own signature; nobody uses one longer than this.
constexpr int kRsaExponentBitsMax = 32;

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* owned) const {
        Free(owned);
    }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

Error bad_key_set(const std::string& why) {
    return {ErrorCode::invalid, "key set: " + why};
}

Number number_of(std::string_view big_endian) {
    Number number{BN_bin2bn(octets(big_endian), static_cast<int>(big_endian.size()), nullptr)};
    CHECK(number != nullptr);
    return number;
}

// The bytes of a member that is base64url; nothing if it is not.
std::optional<std::string> bytes_in(const Json& object, const char* name) {
    const std::string* const text = text_in(member(object, name));
    return text == nullptr ? std::nullopt : bytes_of_base64url(*text);
}

// A public key of that type, which was found to be one: a point on the curve, and so on. Null if it
// is not.
EVP_PKEY* public_key_of(const char* type, OSSL_PARAM_BLD* built) {
    const Parameters parameters{OSSL_PARAM_BLD_to_param(built)};
    const KeyContext making{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
    CHECK(parameters != nullptr && making != nullptr);
    EVP_PKEY* key = nullptr;
    CHECK(EVP_PKEY_fromdata_init(making.get()) == 1);
    if (EVP_PKEY_fromdata(making.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    const KeyContext checking{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    if (checking != nullptr && EVP_PKEY_public_check(checking.get()) == 1) return key;
    EVP_PKEY_free(key);
    return nullptr;
}

EVP_PKEY* rsa_key(const Json& json) {
    const auto modulus_bytes = bytes_in(json, "n");
    const auto exponent_bytes = bytes_in(json, "e");
    if (!modulus_bytes || !exponent_bytes) return nullptr;
    const Number modulus = number_of(*modulus_bytes);
    const Number exponent = number_of(*exponent_bytes);
    const int bits = BN_num_bits(modulus.get());
    if (bits < kRsaBitsMin || bits > kRsaBitsMax) return nullptr;
    if (BN_num_bits(exponent.get()) > kRsaExponentBitsMax) return nullptr;
    if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get())) return nullptr;
    const Builder builder{OSSL_PARAM_BLD_new()};
    CHECK(builder != nullptr);
    CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1);
    CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
    return public_key_of("RSA", builder.get());
}

EVP_PKEY* p256_key(const Json& json) {
    const auto x = bytes_in(json, "x");
    const auto y = bytes_in(json, "y");
    if (!x || x->size() != kFieldBytes || !y || y->size() != kFieldBytes) return nullptr;
    const std::string point = '\x04' + *x + *y;  // SEC 1, 2.3.3: uncompressed
    const Builder builder{OSSL_PARAM_BLD_new()};
    CHECK(builder != nullptr);
    CHECK(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) ==
          1);
    CHECK(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                           point.size()) == 1);
    return public_key_of("EC", builder.get());
}

EVP_PKEY* ed25519_key(const Json& json) {
    const auto x = bytes_in(json, "x");
    if (!x || x->size() != kEd25519KeyBytes) return nullptr;
    return EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, octets(*x), x->size());
}

// JOSE writes r and s one after the other, each with all of its bytes (RFC 7518, 3.4); OpenSSL
// wants them in DER. Nothing if they are not 64 bytes.
std::optional<std::string> der_of(std::string_view signature) {
    if (signature.size() != 2 * kFieldBytes) return std::nullopt;
    const Signature pair{ECDSA_SIG_new()};
    CHECK(pair != nullptr);
    CHECK(ECDSA_SIG_set0(pair.get(), number_of(signature.substr(0, kFieldBytes)).release(),
                         number_of(signature.substr(kFieldBytes)).release()) == 1);
    unsigned char* encoded = nullptr;
    const int length = i2d_ECDSA_SIG(pair.get(), &encoded);
    CHECK(length > 0);
    const std::string der{reinterpret_cast<char*>(encoded), static_cast<std::size_t>(length)};
    OPENSSL_free(encoded);
    return der;
}

bool may_verify(const Json& json) {
    const Json* const use = member(json, "use");
    const Json* const operations = member(json, "key_ops");
    if (use != nullptr && !is_text(use, "sig")) return false;
    if (operations != nullptr && !is_or_holds(operations, "verify")) return false;
    // Whoever reads it could sign with it.
    return member(json, "d") == nullptr;
}

}  // namespace

void KeySet::PublicKeyDeleter::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

KeySet::KeySet() = default;
KeySet::KeySet(KeySet&&) noexcept = default;
KeySet& KeySet::operator=(KeySet&&) noexcept = default;
KeySet::~KeySet() = default;

std::string_view KeySet::name_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::rs256:
            return "RS256";
        case Algorithm::es256:
            return "ES256";
        case Algorithm::eddsa:
            return "EdDSA";
    }
    CHECK(false);
    return {};
}

struct KeySet::Reading {
    // Nothing if the key is of no use here.
    static std::optional<Key> key_of(const Json& json) {
        if (!may_verify(json)) return std::nullopt;
        Key made;
        if (is_text(member(json, "kty"), "RSA")) {
            made.algorithm = Algorithm::rs256;
            made.key.reset(rsa_key(json));
        } else if (is_text(member(json, "kty"), "EC") && is_text(member(json, "crv"), "P-256")) {
            made.algorithm = Algorithm::es256;
            made.key.reset(p256_key(json));
        } else if (is_text(member(json, "kty"), "OKP") && is_text(member(json, "crv"), "Ed25519")) {
            made.algorithm = Algorithm::eddsa;
            made.key.reset(ed25519_key(json));
        }
        ERR_clear_error();
        if (made.key == nullptr) return std::nullopt;
        const Json* const algorithm = member(json, "alg");
        if (algorithm != nullptr && !is_text(algorithm, name_of(made.algorithm))) {
            return std::nullopt;
        }
        if (const std::string* const kid = text_in(member(json, "kid"))) made.kid = *kid;
        return made;
    }
};

Result<KeySet> KeySet::parse(std::string_view jwks) {
    const auto document = json_object_of(jwks);
    if (!document) return bad_key_set("is not an object of JSON whose names differ");
    const Json* const keys = member(*document, "keys");
    if (keys == nullptr || !keys->is_array()) return bad_key_set("has no list of keys");
    if (keys->size() > kKeysMax) {
        return bad_key_set("has " + std::to_string(keys->size()) + " keys; at most " +
                           std::to_string(kKeysMax));
    }
    KeySet set;
    std::set<std::string> kids;
    for (std::size_t i = 0; i < keys->size(); ++i) {
        const Json& json = (*keys)[i];
        const std::string which = "key " + std::to_string(i + 1);
        if (!json.is_object()) return bad_key_set(which + " is no object");
        if (text_in(member(json, "kty")) == nullptr) return bad_key_set(which + " has no kty");
        const Json* const kid = member(json, "kid");
        if (kid != nullptr && !kid->is_string())
            return bad_key_set(which + " has a kid that is no text");
        auto key = Reading::key_of(json);
        if (!key) {
            ++set.left_out_;
            continue;
        }
        if (key->kid && !kids.insert(*key->kid).second) {
            return bad_key_set(which + " has the kid of one before it");
        }
        set.keys_.push_back(std::move(*key));
    }
    return set;
}

Result<void> KeySet::verify(std::optional<std::string_view> kid, std::string_view algorithm,
                            std::string_view text, std::string_view signature) const {
    if (!kid && keys_.size() > 1)
        return bad_key_set("the token names no key, and there are several");
    const Key* found = nullptr;
    for (const Key& key : keys_) {
        if (!kid || key.kid == kid) found = &key;
    }
    if (found == nullptr)
        return Error{ErrorCode::not_found, "key set: the token's key is not known"};
    if (name_of(found->algorithm) != algorithm) {
        return bad_key_set("the token's algorithm is not that of the key, " +
                           std::string{name_of(found->algorithm)});
    }
    if (!is_good(*found, text, signature))
        return bad_key_set("the signature is not that of the key");
    return {};
}

bool KeySet::is_good(const Key& key, std::string_view text, std::string_view signature) {
    std::optional<std::string> der;
    if (key.algorithm == Algorithm::es256) {
        der = der_of(signature);
        if (!der) return false;
        signature = *der;
    }
    // EdDSA has its digest built in. RSA pads as PKCS #1 v1.5 unless told otherwise.
    const EVP_MD* const digest = key.algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
    const DigestContext context{EVP_MD_CTX_new()};
    CHECK(EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.key.get()) == 1);
    const bool good = EVP_DigestVerify(context.get(), octets(signature), signature.size(),
                                       octets(text), text.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace slipway
