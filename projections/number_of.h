// A number that stands for a value which is kept once, elsewhere: the place of a row, or the number
// of an interned value. Its type says what it stands for, so that a fingerprint is made from the
// values: two states that number them in another order are the same.
//
// It converts to and from the bare number.

#pragma once

#include <cstdint>

namespace slipway {

template <class T>
struct NumberOf {
    // Both conversions are meant: a row's index is one wherever it is kept.
    constexpr NumberOf(std::uint32_t from) : number(from) {}
    constexpr operator std::uint32_t() const { return number; }

    std::uint32_t number;
};

}  // namespace slipway
