// The name of a type as its declaration spells it, without namespaces. It is taken at compile time
// from the name that the compiler gives to a function template: g++ and clang are known here.
//
// Threads: no state. Errors: none.

#pragma once

#include <string_view>

namespace slipway {

template <class T>
consteval std::string_view name_of_type() {
    // g++: "... [with T = slipway::X; ...]". clang: "... [T = slipway::X]".
    constexpr std::string_view kFunction = __PRETTY_FUNCTION__;
    constexpr std::string_view kBefore = "T = ";
    const auto begin = kFunction.find(kBefore) + kBefore.size();
    const auto name = kFunction.substr(begin, kFunction.find_first_of(";]", begin) - begin);
    return name.substr(name.rfind(':') + 1);
}

// Of another compiler, this says that the form of its names has to be added.
struct NameOfTypeProbe;
static_assert(name_of_type<NameOfTypeProbe>() == "NameOfTypeProbe");

}  // namespace slipway
