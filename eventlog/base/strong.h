// Strong types: numbers that mean different things and do not convert into one another.

#pragma once

#include <compare>
#include <cstdint>

namespace slipway {

template <class Tag, class T = std::uint64_t>
struct Strong {
    T value = 0;
    friend auto operator<=>(const Strong&, const Strong&) = default;
};

// Place in the whole log, from 1. 0 is before the first.
using Position = Strong<struct PositionTag>;

// Number of events in a stream; the version of the object that the stream is about.
using Version = Strong<struct VersionTag, std::uint32_t>;

}  // namespace slipway
