// Overloaded makes one visitor of several lambdas, for std::visit.

#pragma once

namespace slipway {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace slipway
