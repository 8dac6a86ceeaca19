#include "server/api/token_cache.h"

#include "eventlog/base/check.h"

namespace slipway {

Result<Claims> TokenCache::verify(std::string_view token, Instant now) {
    const std::string key{token};
    const auto at = good_.find(key);
    // A token that is about to expire, or that the leeway keeps alive, is checked in full.
    if (at != good_.end() && at->second.expires > now) return at->second;
    auto claims = slipway::verify(token, settings_, now);
    if (!claims && claims.error().code == ErrorCode::not_found) {
        // The issuer has taken the key back: asking it again would give nothing new.
        const auto earlier = before_ ? slipway::verify(token, *before_, now) : claims;
        if (earlier || earlier.error().code != ErrorCode::not_found) {
            return Error{ErrorCode::invalid, "jwt: the issuer does not publish its key any more"};
        }
        miss_();
    }
    if (claims && claims->expires > now) {
        if (good_.size() >= kTokensMax) good_.clear();
        good_[key] = *claims;
    }
    return claims;
}

UserId TokenCache::known_user(std::string_view token) const {
    const auto at = good_.find(std::string{token});
    return at == good_.end() ? UserId{} : at->second.user;
}

void TokenCache::replace_keys(KeySet keys) {
    CHECK(settings_.trusted);
    TrustedIssuer& now = *settings_.trusted;
    before_.emplace();
    before_->secret = settings_.secret;
    before_->trusted =
        TrustedIssuer{now.issuer, now.audience, now.admin_claim, std::move(now.keys)};
    settings_.trusted->keys = std::move(keys);
    good_.clear();
    ++key_sets_;
}

}  // namespace slipway
