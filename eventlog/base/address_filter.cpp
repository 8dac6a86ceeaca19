#include "eventlog/base/address_filter.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace slipway {

namespace {

template <class Address>
struct Network {
    Address prefix;
    unsigned bits;
};

template <class Address>
bool lies_in(const Address& address, const Network<Address>& network) {
    const std::size_t bytes = network.bits / 8;
    if (!std::equal(address.begin(), address.begin() + bytes, network.prefix.begin())) return false;
    const unsigned rest = network.bits % 8;
    return rest == 0 || (address[bytes] ^ network.prefix[bytes]) >> (8 - rest) == 0;
}

template <class Address, std::size_t kCount>
bool lies_in_any(const Address& address, const std::array<Network<Address>, kCount>& networks) {
    return std::ranges::any_of(networks,
                               [&](const auto& network) { return lies_in(address, network); });
}

// https://www.iana.org/assignments/iana-ipv4-special-registry and, at the end, multicast, what is
// reserved, and one more.
constexpr std::array<Network<Ipv4Address>, 16> kIpv4Refused{{
    {{0, 0, 0, 0}, 8},         // this network; to connect there is to connect to this host
    {{10, 0, 0, 0}, 8},        // private
    {{100, 64, 0, 0}, 10},     // shared by carriers; some clouds' metadata
    {{127, 0, 0, 0}, 8},       // loopback
    {{169, 254, 0, 0}, 16},    // link-local; most clouds' metadata
    {{172, 16, 0, 0}, 12},     // private
    {{192, 0, 0, 0}, 24},      // protocol assignments; a cloud's metadata
    {{192, 0, 2, 0}, 24},      // documentation
    {{192, 88, 99, 0}, 24},    // the relays of 6to4, withdrawn
    {{192, 168, 0, 0}, 16},    // private
    {{198, 18, 0, 0}, 15},     // benchmarks
    {{198, 51, 100, 0}, 24},   // documentation
    {{203, 0, 113, 0}, 24},    // documentation
    {{224, 0, 0, 0}, 4},       // multicast
    {{240, 0, 0, 0}, 4},       // reserved, and broadcast
    {{168, 63, 129, 16}, 32},  // Azure's platform: public by number, but each machine has its own
}};

// https://www.iana.org/assignments/ipv6-address-space: nothing else is assigned to be reached.
constexpr Network<Ipv6Address> kIpv6Global{{0x20}, 3};

// What https://www.iana.org/assignments/iana-ipv6-special-registry takes out of it.
constexpr std::array<Network<Ipv6Address>, 3> kIpv6Refused{{
    {{0x20, 0x01, 0x00}, 23},        // protocol assignments; Teredo
    {{0x20, 0x01, 0x0D, 0xB8}, 32},  // documentation
    {{0x3F, 0xFF, 0x00}, 20},        // documentation
}};

// Where an IPv4 address stands within an IPv6 address: what is reached is the former.
struct Carrier {
    Network<Ipv6Address> network;
    std::size_t offset;
};
constexpr std::array<Carrier, 3> kCarriers{{
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, 12},  // mapped
    {{{0x00, 0x64, 0xFF, 0x9B}, 96}, 12},                    // NAT64
    {{{0x20, 0x02}, 16}, 2},                                 // 6to4
}};

}  // namespace

bool is_public(const Ipv4Address& address) {
    return !lies_in_any(address, kIpv4Refused);
}

bool is_public(const Ipv6Address& address) {
    for (const auto& carrier : kCarriers) {
        if (!lies_in(address, carrier.network)) continue;
        Ipv4Address carried{};
        std::copy_n(address.begin() + carrier.offset, carried.size(), carried.begin());
        return is_public(carried);
    }
    return lies_in(address, kIpv6Global) && !lies_in_any(address, kIpv6Refused);
}

bool is_public(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        Ipv4Address bytes{};
        std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr,
                    bytes.size());
        return is_public(bytes);
    }
    if (address.sa_family == AF_INET6) {
        Ipv6Address bytes{};
        std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr,
                    bytes.size());
        return is_public(bytes);
    }
    return false;
}

}  // namespace slipway
