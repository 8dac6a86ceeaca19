#include "server/domain/decide.h"

#include <variant>

namespace slipway {

Decision decide(const State& state, const Command& command, const Context& context) {
    return std::visit([&](const auto& one) { return decide(state, one, context); }, command);
}

}  // namespace slipway
