#include "server/process/system_ports.h"

#include "eventlog/base/check.h"

#include <sys/random.h>

#include <fstream>

namespace slipway {

Instant SystemClock::now() const {
    return date::floor<Millis>(std::chrono::system_clock::now());
}

std::chrono::nanoseconds SystemClock::monotonic() const {
    return std::chrono::steady_clock::now().time_since_epoch();
}

std::string boot_id() {
    std::ifstream in{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    in >> id;
    return id;
}

// RFC 9562, 5.7: 48 bits of milliseconds, the version, and 12 bits that count up within a
// millisecond, so that ids of one process ascend.
Uuid SystemIdSource::next(Instant now) {
    constexpr std::uint64_t kVersion = 7;
    constexpr std::uint64_t kVariant = 2;
    const auto millis = static_cast<std::uint64_t>(now.time_since_epoch().count());
    std::uint64_t high = millis << 16 | kVersion << 12;
    // A full count, or a clock set back, goes on from the last id.
    if (high <= (last_high_ | 0xFFFU)) {
        high = last_high_ + 1;
        if ((high >> 12 & 0xFU) != kVersion) high = ((high >> 16) + 1) << 16 | kVersion << 12;
    }
    last_high_ = high;
    return Uuid{high, kVariant << 62 | random() >> 2};
}

std::uint64_t SystemIdSource::random_below(std::uint64_t bound) {
    CHECK(bound > 0);
    // The values above the last whole multiple would favour the small results.
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    std::uint64_t value = random();
    while (value >= limit) value = random();
    return value % bound;
}

std::uint64_t SystemIdSource::random() {
    if (used_ == pool_.size()) {
        CHECK(getrandom(pool_.data(), sizeof pool_, 0) == static_cast<ssize_t>(sizeof pool_));
        used_ = 0;
    }
    return pool_[used_++];
}

}  // namespace slipway
