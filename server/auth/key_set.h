// A KeySet holds the public keys of an issuer, as it publishes them (JWK Set, RFC 7517), and checks
// signatures with them: RS256, ES256 (RFC 7518) and EdDSA with Ed25519 (RFC 8037). Nothing else is
// ever accepted, least of all "none" or a symmetric key.
//
// Pure, reads no clock; the const functions are safe from any thread. See IssuerKeys for where the
// keys come from.

#pragma once

#include "eventlog/base/result.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace slipway {

inline constexpr std::size_t kKeysMax = 100;
// RFC 7518, 3.3: the shortest that is safe; and the longest that anybody uses, since long ones are
// slow.
inline constexpr int kRsaBitsMin = 2'048;
inline constexpr int kRsaBitsMax = 8'192;

class KeySet {
  public:
    // Without a key.
    KeySet();
    KeySet(KeySet&&) noexcept;
    KeySet& operator=(KeySet&&) noexcept;
    ~KeySet();

    // Reads `jwks`. As RFC 7517, 5 advises, keys that are of no use are left out: those of another
    // type, curve, algorithm or use, too short, not on their curve, or with their private part
    // published.
    //
    // Errors: invalid, if the document is not a JWK Set, has more than kKeysMax keys, or if two
    // keys that are of use have one kid.
    static Result<KeySet> parse(std::string_view jwks);

    // Checks that `signature` (its bytes) is that of `text`, by the key that has `kid`; without a
    // kid, by the only key. The key knows its algorithm; `algorithm`, as the token says it, must be
    // that one.
    //
    // Errors:
    //   not_found   there is no such key; a newer set may have it
    //   invalid     the signature is not good, or nobody can say by which key it should be
    Result<void> verify(std::optional<std::string_view> kid, std::string_view algorithm,
                        std::string_view text, std::string_view signature) const;

    std::size_t size() const { return keys_.size(); }
    // How many keys of the document were left out.
    std::size_t left_out() const { return left_out_; }

  private:
    enum class Algorithm { rs256, es256, eddsa };
    struct PublicKeyDeleter {
        void operator()(evp_pkey_st* key) const;
    };
    using PublicKey = std::unique_ptr<evp_pkey_st, PublicKeyDeleter>;
    struct Key {
        std::optional<std::string> kid;
        Algorithm algorithm = Algorithm::rs256;
        PublicKey key;
    };
    struct Reading;  // from JSON

    static std::string_view name_of(Algorithm algorithm);
    static bool is_good(const Key& key, std::string_view text, std::string_view signature);

    std::vector<Key> keys_;
    std::size_t left_out_ = 0;
};

}  // namespace slipway
