#include "projections/fingerprint.h"

#include <cstring>

namespace slipway {

void Fingerprint::put_number(std::uint64_t value) {
    std::array<char, sizeof value> bytes{};
    for (unsigned i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
    bytes_.append(bytes.data(), bytes.size());
}

void Fingerprint::sum(const Digest& digest) {
    std::array<std::uint64_t, 4> lanes;
    std::memcpy(lanes.data(), digest.data(), digest.size());
    for (std::size_t i = 0; i < lanes.size(); ++i) sum_[i] += lanes[i];
}

std::string Fingerprint::text() const {
    return hex_of({reinterpret_cast<const char*>(sum_.data()), sizeof sum_});
}

}  // namespace slipway
