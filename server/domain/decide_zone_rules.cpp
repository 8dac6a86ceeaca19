#include "server/domain/decide.h"
#include "server/domain/plan.h"
#include "server/domain/reresolution.h"

namespace slipway {

Decision decide(const State& state, const ChangeZoneRules& command, const Context&) {
    const std::string& known = state.installation().zone_rules();
    if (known == command.version) return Decided{};
    return Decided{{}, {ZoneRulesChanged{known, command.version}}};
}

Decision decide(const State& state, const ReresolveDueTime& command, const Context& context) {
    const RowIndex row = state.schedules().find(command.schedule);
    if (row == kNoRow) return no_such_schedule(command.schedule);
    Plan plan{state, context};
    reresolve(state, row, context, plan);
    return std::move(plan).decision(state.schedules().team_of(state.schedules().at(row)));
}

}  // namespace slipway
