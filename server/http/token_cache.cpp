#include "server/http/token_cache.h"

#include "eventlog/base/check.h"

namespace slipway {

Result<Claims> TokenCache::verify(std::string_view token, Instant now) {
    const std::string key{token};
    const auto at = good_.find(key);
    // A token that is about to expire, or that the leeway keeps alive, is checked in full.
    if (at != good_.end() && at->second.expires > now) return at->second;
    auto claims = slipway::verify(token, settings_, now);
    if (!claims && claims.error().code == ErrorCode::not_found) miss_();
    if (claims && claims->expires > now) {
        if (good_.size() >= kTokensMax) good_.clear();
        good_[key] = *claims;
    }
    return claims;
}

void TokenCache::replace_keys(KeySet keys) {
    CHECK(settings_.trusted);
    settings_.trusted->keys = std::move(keys);
    good_.clear();
}

}  // namespace slipway
