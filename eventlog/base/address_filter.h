// Which addresses an outgoing call may connect to: public ones. Checked on the address itself and
// not on its name, since a name may point anywhere, and elsewhere a moment later.

#pragma once

#include <array>
#include <cstdint>

struct sockaddr;

namespace slipway {

using Ipv4Address = std::array<std::uint8_t, 4>;   // in network order
using Ipv6Address = std::array<std::uint8_t, 16>;  // in network order

// False for what is not for all the world: loopback, private, shared, link-local (cloud metadata
// among them), multicast, reserved and documentation addresses, and Teredo. An IPv6 address that
// carries an IPv4 address (mapped, NAT64, 6to4) is as public as that one.
bool is_public(const Ipv4Address& address);
bool is_public(const Ipv6Address& address);

// False for other families than the two.
bool is_public(const sockaddr& address);

}  // namespace slipway
