#include "server/domain/decide.h"

namespace slipway {

Decision decide(const State& state, const ClaimInstallation& command, const Context&) {
    Decided decided;
    decided.events = {InstallationClaimed{command.installation, command.host, command.reason}};
    // A copy or a restored log does not deploy: the original may still be at work.
    if (command.reason != ClaimReason::first_start && !state.installation().is_held()) {
        const bool moved = command.reason == ClaimReason::moved;
        decided.events.push_back(DispatchHeld{
            moved ? DispatchReason::moved : DispatchReason::restored,
            moved ? "the data directory is not where it was: arm dispatch if nothing else runs it"
                  : "the log was restored: arm dispatch if nothing else runs it"});
    }
    return decided;
}

Decision decide(const State& state, const HoldDispatch& command, const Context&) {
    if (state.installation().is_held()) {
        return reject(RejectionCode::dispatch_is_held, "dispatch is held already");
    }
    return Decided{{}, {DispatchHeld{DispatchReason::by_operator, command.note}}};
}

Decision decide(const State& state, const ArmDispatch& command, const Context&) {
    if (!state.installation().is_held()) {
        return reject(RejectionCode::dispatch_is_armed, "dispatch is armed already");
    }
    return Decided{{}, {DispatchArmed{command.note}}};
}

Decision decide(const State&, const RecordExport& command, const Context&) {
    return Decided{{}, {DataExported{command.what}}};
}

}  // namespace slipway
