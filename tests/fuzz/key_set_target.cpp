// An issuer's keys, as it publishes them, and signatures by them. The first line of the bytes names
// a key and an algorithm; what follows is the document.

#include "eventlog/base/check.h"
#include "server/auth/key_set.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/text.h"

#include <optional>

namespace slipway {

namespace {

void run(std::string_view bytes) {
    const auto [first, jwks] = cut(bytes, '\n');
    const auto [kid, algorithm] = cut(first, ' ');

    const auto keys = KeySet::parse(jwks);
    if (!keys) {
        CHECK(keys.error().code == ErrorCode::invalid);
        return;
    }
    CHECK(keys->size() + keys->left_out() <= kKeysMax);
    const auto again = KeySet::parse(jwks);
    CHECK(again && again->size() == keys->size() && again->left_out() == keys->left_out());
    // Nobody here has a private key, so nothing is ever well signed.
    for (const std::string_view signature : {std::string_view{}, first, bytes}) {
        for (const auto& named : {std::optional{kid}, std::optional<std::string_view>{}}) {
            const auto good = keys->verify(named, algorithm, "text", signature);
            CHECK(!good);
            const bool is_known = good.error().code == ErrorCode::invalid;
            CHECK(is_known || good.error().code == ErrorCode::not_found);
            CHECK(keys->size() > 0 || !is_known || !named);
        }
    }
}

const FuzzTarget kTarget{"key_set", run};

}  // namespace

}  // namespace slipway
