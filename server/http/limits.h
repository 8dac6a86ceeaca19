// The limits of the HTTP server: how many connections, how many bytes and how many seconds.

#pragma once

#include <cstddef>
#include <cstdint>

namespace slipway {

// Connections at once, if there are descriptors for as many: the log and calls to targets need some
// too. The next few are told that there are too many, and the rest are closed as they come.
inline constexpr std::size_t kConnectionsMax = 20'000;
inline constexpr std::size_t kTurnedAwayMax = 200;
inline constexpr std::size_t kReservedDescriptors = 4'096;

// Bytes of bodies that are being read and of replies that are being written, over all connections:
// what would go over it is answered 503 `overloaded`. So many of a connection are not counted, and
// small requests are answered whoever sends large ones: they have a bound of their own, which is
// that of connections.
inline constexpr std::size_t kHeldBytesMax = 128 * 1024 * 1024;
inline constexpr std::size_t kUncountedBytes = 16 * 1024;

// Seconds that a connection may spend on each part of an exchange.
inline constexpr std::uint32_t kHandshakeSeconds = 10;
inline constexpr std::uint32_t kIdleSeconds = 60;
inline constexpr std::uint32_t kHeadSeconds = 10;
inline constexpr std::uint32_t kBodySeconds = 30;
inline constexpr std::uint32_t kWriteSeconds = 30;
inline constexpr std::uint32_t kLingerSeconds = 5;

// What is silent for longer may have been given up by something between.
inline constexpr std::uint32_t kHeartbeatSeconds = 15;

// How often the files of the certificate are looked at.
inline constexpr std::uint32_t kCertificateSeconds = 60;

}  // namespace slipway
