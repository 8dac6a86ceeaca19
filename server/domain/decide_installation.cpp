#include "server/domain/decide.h"
#include "server/domain/text_rules.h"

namespace slipway {

namespace {

DispatchHeld hold_after(const ClaimInstallation& command) {
    if (command.reason == ClaimReason::moved) {
        return {DispatchReason::moved,
                "the data directory is not where it was: arm dispatch if nothing else runs it"};
    }
    if (command.reason == ClaimReason::restored) {
        return {DispatchReason::restored,
                "the log was restored: arm dispatch if nothing else runs it"};
    }
    return {
        DispatchReason::restored,
        "the log was salvaged without positions " + std::to_string(command.first_lost.value) +
            " to " + std::to_string(command.last_lost.value) +
            ", which are lost: arm dispatch if nothing else runs it and what they did is known"};
}

}  // namespace

Decision decide(const State& state, const ClaimInstallation& command, const Context&) {
    Decided decided;
    decided.events = {InstallationClaimed{command.installation, command.host, command.reason}};
    // A copy or a restored log does not deploy: the original may still be at work. That a log lost
    // something is said also where dispatch is held already, so that who arms it accepts the loss.
    const bool holds =
        command.reason != ClaimReason::first_start && !state.installation().is_held();
    if (holds || command.reason == ClaimReason::salvaged) {
        decided.events.push_back(hold_after(command));
    }
    return decided;
}

Decision decide(const State& state, const HoldDispatch& command, const Context&) {
    const Installation& installation = state.installation();
    if (installation.is_held()) {
        if (command.note.empty() || command.note == installation.note()) {
            return reject(RejectionCode::dispatch_is_held, "dispatch is held already");
        }
        // Another reason is on record, too. What held it first is still to be answered for.
        return Decided{{}, {DispatchHeld{installation.held_reason(), command.note}}};
    }
    return Decided{{}, {DispatchHeld{DispatchReason::by_operator, command.note}}};
}

Decision decide(const State& state, const ArmDispatch& command, const Context&) {
    const Installation& installation = state.installation();
    const bool says_more = !command.note.empty() && command.note != installation.note();
    if (!installation.is_held() && !says_more) {
        return reject(RejectionCode::dispatch_is_armed, "dispatch is armed already");
    }
    return Decided{{}, {DispatchArmed{command.note}}};
}

Decision decide(const State&, const RecordExport& command, const Context&) {
    return Decided{{}, {DataExported{command.what}}};
}

Decision decide(const State& state, const RevokeUserTokens& command, const Context& context) {
    std::vector<FieldError> errors;
    check_note("/reason", command.note, errors);
    if (!errors.empty()) return reject(std::move(errors));
    if (auto refused = check_revocation(state, context.quotas, command.user)) {
        return std::move(*refused);
    }
    // A token of this very millisecond was made before the revocation.
    const Instant issued_before = context.now + Millis{1};
    return Decided{{}, {UserTokensRevoked{command.user, issued_before, command.note}}};
}

}  // namespace slipway
