#include "server/domain/decide.h"
#include "server/domain/plan.h"
#include "server/domain/reresolution.h"

namespace slipway {

namespace {

// Digits of a digest that tell rules of the same version apart.
constexpr std::size_t kDigestDigits = 12;

// One name stands for one set of rules: schedules are compared by the name of the rules that they
// were resolved with. Of rules that 0.1.0 recorded nobody knows the digest, so they count as
// others.
std::string name_in_log(const Installation& installation, const ChangeZoneRules& command) {
    const std::string* const digest = installation.digest_of_rules(command.version);
    if (digest == nullptr || *digest == command.digest) return command.version;
    return command.version + "+" + command.digest.substr(0, kDigestDigits);
}

}  // namespace

Decision decide(const State& state, const ChangeZoneRules& command, const Context&) {
    const std::string& known = state.installation().zone_rules();
    const std::string name = name_in_log(state.installation(), command);
    if (known == name) return Decided{};
    return Decided{{}, {ZoneRulesChanged{known, name, command.digest}}};
}

Decision decide(const State& state, const ReresolveDueTime& command, const Context& context) {
    const RowIndex row = state.schedules().find(command.schedule);
    if (row == kNoRow) return no_such_schedule(command.schedule);
    Plan plan{state, context};
    reresolve(state, row, context, plan);
    return std::move(plan).decision(state.schedules().team_of(state.schedules().at(row)));
}

}  // namespace slipway
