#include "server/api/rate_limits.h"

#include <algorithm>
#include <cmath>

namespace slipway {

namespace {

// Past this all buckets start afresh, and full: it costs an abuser a moment, and no memory.
constexpr std::size_t kBucketsMax = 10'000;

Seconds rounded_up(double seconds) {
    return Seconds{static_cast<std::int64_t>(std::ceil(seconds))};
}

}  // namespace

RateLimits::Bucket& RateLimits::bucket_of(Buckets& buckets, const std::string& whose,
                                          std::uint32_t limit, Instant now) {
    if (buckets.size() >= kBucketsMax && !buckets.contains(whose)) buckets.clear();
    const double full = limit;
    Bucket& bucket = buckets.try_emplace(whose, Bucket{full, now}).first->second;
    // A clock that was set back fills nothing.
    const double elapsed =
        std::chrono::duration<double>{std::max(now - bucket.at, Millis{0})}.count();
    bucket.filled = std::min(full, bucket.filled + elapsed * limit);
    bucket.at = now;
    return bucket;
}

RateLimits::Verdict RateLimits::verdict_of(const Bucket& bucket, std::uint32_t limit,
                                           bool is_allowed) {
    const double missing = is_allowed ? limit - bucket.filled : 1 - bucket.filled;
    return {is_allowed, limit, static_cast<std::uint32_t>(bucket.filled),
            rounded_up(missing / limit)};
}

std::optional<RateLimits::Verdict> RateLimits::take(const std::string& token, TeamId team,
                                                    Instant now) {
    Bucket* const of_token =
        options_.per_token > 0 ? &bucket_of(of_tokens_, token, options_.per_token, now) : nullptr;
    Bucket* const of_team = options_.per_team > 0 && !team.is_nil()
                                ? &bucket_of(of_teams_, team.text(), options_.per_team, now)
                                : nullptr;
    const auto has_one = [](const Bucket* bucket) {
        return bucket == nullptr || bucket->filled >= 1;
    };
    if (!has_one(of_token)) return verdict_of(*of_token, options_.per_token, false);
    if (!has_one(of_team)) return verdict_of(*of_team, options_.per_team, false);
    for (Bucket* const bucket : {of_token, of_team}) {
        if (bucket != nullptr) bucket->filled -= 1;
    }
    if (of_token == nullptr && of_team == nullptr) return std::nullopt;
    const bool is_team_nearer =
        of_token == nullptr || (of_team != nullptr && of_team->filled < of_token->filled);
    return is_team_nearer ? verdict_of(*of_team, options_.per_team, true)
                          : verdict_of(*of_token, options_.per_token, true);
}

}  // namespace slipway
