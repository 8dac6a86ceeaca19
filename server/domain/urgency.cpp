#include "server/domain/urgency.h"

#include <variant>

namespace slipway {

namespace {

// No default: the compiler asks for each command.
struct UrgencyOf {
    // Without the claim nothing of a copied log may be dispatched, and nobody could operate it.
    Urgency operator()(const ClaimInstallation&) const { return Urgency::closing; }
    Urgency operator()(const HoldDispatch&) const { return Urgency::closing; }
    Urgency operator()(const ArmDispatch&) const { return Urgency::normal; }
    Urgency operator()(const RecordExport&) const { return Urgency::normal; }
    // A kill switch.
    Urgency operator()(const RevokeUserTokens&) const { return Urgency::closing; }

    Urgency operator()(const ChangeZoneRules&) const { return Urgency::due; }
    Urgency operator()(const ReresolveDueTime&) const { return Urgency::due; }

    Urgency operator()(const CreateTeam&) const { return Urgency::normal; }
    Urgency operator()(const AddMember&) const { return Urgency::normal; }
    Urgency operator()(const ChangeMemberRole&) const { return Urgency::normal; }
    Urgency operator()(const RemoveMember&) const { return Urgency::normal; }
    Urgency operator()(const RecordTeamRead&) const { return Urgency::normal; }
    Urgency operator()(const InviteMember&) const { return Urgency::normal; }
    Urgency operator()(const AcceptInvitation&) const { return Urgency::normal; }
    Urgency operator()(const RevokeInvitation&) const { return Urgency::normal; }
    Urgency operator()(const IssueToken&) const { return Urgency::normal; }
    Urgency operator()(const RevokeToken&) const { return Urgency::normal; }

    Urgency operator()(const StoreCredential&) const { return Urgency::normal; }
    Urgency operator()(const RotateCredential&) const { return Urgency::normal; }
    Urgency operator()(const ShredCredential&) const { return Urgency::closing; }

    Urgency operator()(const CreateApp&) const { return Urgency::normal; }
    Urgency operator()(const CloneApp&) const { return Urgency::normal; }
    Urgency operator()(const ReviseApp&) const { return Urgency::normal; }
    Urgency operator()(const ArchiveApp&) const { return Urgency::normal; }
    Urgency operator()(const RotateSigningSecret&) const { return Urgency::normal; }

    Urgency operator()(const ScheduleDeployment&) const { return Urgency::normal; }
    Urgency operator()(const RescheduleDeployment&) const { return Urgency::normal; }
    Urgency operator()(const CancelDeployment&) const { return Urgency::closing; }
    Urgency operator()(const HoldDeployment&) const { return Urgency::closing; }
    Urgency operator()(const ReleaseDeployment&) const { return Urgency::normal; }
    Urgency operator()(const RunNow&) const { return Urgency::normal; }
    Urgency operator()(const Wake&) const { return Urgency::due; }

    Urgency operator()(const RequestDeployment&) const { return Urgency::normal; }
    Urgency operator()(const StartAttempt&) const { return Urgency::due; }
    Urgency operator()(const RecordOutcome&) const { return Urgency::closing; }
    Urgency operator()(const ReconcileInterrupted&) const { return Urgency::closing; }
    Urgency operator()(const CompleteDeployment&) const { return Urgency::closing; }
    Urgency operator()(const AbortDeployment&) const { return Urgency::closing; }
};

}  // namespace

Urgency urgency_of(const Command& command) {
    return std::visit(UrgencyOf{}, command);
}

}  // namespace slipway
