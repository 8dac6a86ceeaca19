// How much memory values take, by their lengths: the same for the same value on every machine. It
// is what the quotas count, and a little more than an allocator needs.

#pragma once

#include "eventlog/base/describe.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

inline constexpr std::size_t kStringBytesInPlace = 15;
inline constexpr std::size_t kAllocationBytes = 16;
inline constexpr std::size_t kNodeBytes = 48;  // of a map, with its allocation

// Bytes that `value` has outside of itself.
template <class T>
std::size_t heap_bytes(const T& value);

inline std::size_t heap_bytes(const std::string& value) {
    return value.size() <= kStringBytesInPlace ? 0 : value.size() + kAllocationBytes;
}

template <class K, class V>
std::size_t heap_bytes(const std::map<K, V>& values) {
    std::size_t bytes = 0;
    for (const auto& [key, value] : values) {
        bytes += kNodeBytes + sizeof(K) + sizeof(V) + heap_bytes(key) + heap_bytes(value);
    }
    return bytes;
}

template <class T>
std::size_t heap_bytes(const std::vector<T>& values) {
    std::size_t bytes = values.empty() ? 0 : kAllocationBytes;
    for (const T& value : values) bytes += sizeof(T) + heap_bytes(value);
    return bytes;
}

template <class T>
std::size_t heap_bytes(const T& value) {
    std::size_t bytes = 0;
    if constexpr (Described<T>) {
        for_each_field(value,
                       [&](std::string_view, const auto& field) { bytes += heap_bytes(field); });
    }
    return bytes;
}

template <class T>
std::size_t memory_bytes(const T& value) {
    return sizeof(T) + heap_bytes(value);
}

}  // namespace slipway
