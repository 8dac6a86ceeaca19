// Rate limits: how many requests a second a token may make, and a team with all of its tokens. Each
// has a token bucket that fills steadily and holds one second's worth. What a verdict says is left
// is what passes at once, unless others of the team are faster. Not thread-safe: the io thread's.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/time.h"

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace slipway {

class RateLimits {
  public:
    // Requests a second; 0: as many as one likes.
    struct Options {
        std::uint32_t per_token = 0;
        std::uint32_t per_team = 0;
    };

    // Of the limit that is nearer.
    struct Verdict {
        bool is_allowed = true;
        std::uint32_t limit = 0;      // requests a second
        std::uint32_t remaining = 0;  // requests that are left at once
        Seconds reset{0};             // until the bucket is full; if refused, until there is one
    };

    explicit RateLimits(Options options) : options_(options) {}

    // Counts a request, if both limits allow it: a refusal takes nothing from either bucket. A nil
    // team has no limit. Nothing if there are no limits.
    std::optional<Verdict> take(const std::string& token, TeamId team, Instant now);

  private:
    struct Bucket {
        double filled = 0;
        Instant at;
    };
    using Buckets = absl::flat_hash_map<std::string, Bucket>;

    // Fills the bucket up to `now`.
    static Bucket& bucket_of(Buckets& buckets, const std::string& whose, std::uint32_t limit,
                             Instant now);
    static Verdict verdict_of(const Bucket& bucket, std::uint32_t limit, bool is_allowed);

    const Options options_;
    Buckets of_tokens_;
    Buckets of_teams_;
};

}  // namespace slipway
