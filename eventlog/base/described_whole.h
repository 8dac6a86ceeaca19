// Tells at compile time that a description leaves out no field. Kept apart from describe.h because
// counting the fields of a struct takes the compiler long: only code that stores structs includes
// it.

#pragma once

#include "eventlog/base/describe.h"

#include <boost/mp11/list.hpp>
#include <boost/pfr/tuple_size.hpp>

namespace slipway {

template <Described T>
inline constexpr bool kIsWhollyDescribed =
    boost::mp11::mp_size<FieldsOf<T>>::value == boost::pfr::tuple_size_v<T>;

}  // namespace slipway
