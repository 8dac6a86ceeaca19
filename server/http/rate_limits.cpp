#include "server/http/rate_limits.h"

#include <algorithm>
#include <cmath>

namespace slipway {

namespace {

constexpr double kBurstSeconds = 2;

// Past this all buckets start afresh, and full: it costs an abuser a moment, and no memory.
constexpr std::size_t kBucketsMax = 10'000;

Seconds rounded_up(double seconds) {
    return Seconds{static_cast<std::int64_t>(std::ceil(seconds))};
}

}  // namespace

RateLimits::Verdict RateLimits::take_from(Buckets& buckets, const std::string& whose,
                                          std::uint32_t limit, Instant now) {
    if (buckets.size() >= kBucketsMax && !buckets.contains(whose)) buckets.clear();
    const double rate = limit;
    const double full = rate * kBurstSeconds;
    Bucket& bucket = buckets.try_emplace(whose, Bucket{full, now}).first->second;
    // A clock that was set back fills nothing.
    const double elapsed =
        std::chrono::duration<double>{std::max(now - bucket.at, Millis{0})}.count();
    bucket.filled = std::min(full, bucket.filled + elapsed * rate);
    bucket.at = now;
    Verdict verdict;
    verdict.limit = limit;
    verdict.is_allowed = bucket.filled >= 1;
    if (verdict.is_allowed) bucket.filled -= 1;
    // Twice as many may come at once; what is told fits the limit beside it.
    verdict.remaining = std::min(limit, static_cast<std::uint32_t>(bucket.filled));
    const double missing = verdict.is_allowed ? full - bucket.filled : 1 - bucket.filled;
    verdict.reset = rounded_up(missing / rate);
    return verdict;
}

std::optional<RateLimits::Verdict> RateLimits::take(const std::string& token, TeamId team,
                                                    Instant now) {
    std::optional<Verdict> verdict;
    if (options_.per_token > 0) verdict = take_from(of_tokens_, token, options_.per_token, now);
    // What is refused already takes nothing from the others of the team.
    if (options_.per_team == 0 || team.is_nil() || (verdict && !verdict->is_allowed)) {
        return verdict;
    }
    const Verdict of_team = take_from(of_teams_, team.text(), options_.per_team, now);
    const bool tighter = !verdict || !of_team.is_allowed || of_team.remaining < verdict->remaining;
    return tighter ? of_team : verdict;
}

}  // namespace slipway
