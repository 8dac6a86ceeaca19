// The decisions: from the state, a command and its context to the events that happened, or the
// reason why not. Pure: no I/O, no clock, no trace, no mutation. One function a command, in
// decide_*.cpp; decide() only forwards.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/events/event.h"
#include "projections/state.h"
#include "server/domain/command.h"
#include "server/domain/quotas.h"
#include "server/domain/rejection.h"
#include "server/domain/target_rules.h"
#include "server/domain/zones.h"

#include <variant>
#include <vector>

namespace slipway {

struct Principal {
    Actor actor;
    TeamId team;         // in whose name; nil for the server's own
    bool admin = false;  // may operate the server
};

struct Context {
    Instant now;         // taken once, by the command lane
    IdSource& ids;       // the only source of new ids and of chance
    const Zones& zones;  // wall clock -> instant
    const TargetRules& targets;
    Principal principal;
    Quotas quotas = {};
};

// Events to append as one unit, in order; none of them: what was asked for is so already.
struct Decided {
    TeamId team;
    std::vector<Event> events;
};

using Decision = std::variant<Decided, Rejection>;

// No decision makes more events than this: a unit must fit into one batch of the log.
inline constexpr std::size_t kEventsPerDecisionMax = 4'000;

inline constexpr std::size_t kDependencyDepthMax = 32;
inline constexpr std::size_t kDependenciesMax = 200;

Decision decide(const State& state, const Command& command, const Context& context);

// The server
Decision decide(const State& state, const ClaimInstallation& command, const Context& context);
Decision decide(const State& state, const HoldDispatch& command, const Context& context);
Decision decide(const State& state, const ArmDispatch& command, const Context& context);
Decision decide(const State& state, const RecordExport& command, const Context& context);
Decision decide(const State& state, const RevokeUserTokens& command, const Context& context);

// Zone rules
Decision decide(const State& state, const ChangeZoneRules& command, const Context& context);
Decision decide(const State& state, const ReresolveDueTime& command, const Context& context);

// Teams
Decision decide(const State& state, const CreateTeam& command, const Context& context);
Decision decide(const State& state, const AddMember& command, const Context& context);
Decision decide(const State& state, const ChangeMemberRole& command, const Context& context);
Decision decide(const State& state, const RemoveMember& command, const Context& context);
Decision decide(const State& state, const RecordTeamRead& command, const Context& context);
Decision decide(const State& state, const InviteMember& command, const Context& context);
Decision decide(const State& state, const AcceptInvitation& command, const Context& context);
Decision decide(const State& state, const RevokeInvitation& command, const Context& context);
Decision decide(const State& state, const IssueToken& command, const Context& context);
Decision decide(const State& state, const RevokeToken& command, const Context& context);

// Credentials
Decision decide(const State& state, const StoreCredential& command, const Context& context);
Decision decide(const State& state, const RotateCredential& command, const Context& context);
Decision decide(const State& state, const ShredCredential& command, const Context& context);

// Apps
Decision decide(const State& state, const CreateApp& command, const Context& context);
Decision decide(const State& state, const CloneApp& command, const Context& context);
Decision decide(const State& state, const ReviseApp& command, const Context& context);
Decision decide(const State& state, const ArchiveApp& command, const Context& context);
Decision decide(const State& state, const RotateSigningSecret& command, const Context& context);

// Scheduled deployments
Decision decide(const State& state, const ScheduleDeployment& command, const Context& context);
Decision decide(const State& state, const RescheduleDeployment& command, const Context& context);
Decision decide(const State& state, const CancelDeployment& command, const Context& context);
Decision decide(const State& state, const HoldDeployment& command, const Context& context);
Decision decide(const State& state, const ReleaseDeployment& command, const Context& context);
Decision decide(const State& state, const RunNow& command, const Context& context);
Decision decide(const State& state, const Wake& command, const Context& context);

// Deployments
Decision decide(const State& state, const RequestDeployment& command, const Context& context);
Decision decide(const State& state, const StartAttempt& command, const Context& context);
Decision decide(const State& state, const RecordOutcome& command, const Context& context);
Decision decide(const State& state, const ReconcileInterrupted& command, const Context& context);
Decision decide(const State& state, const CompleteDeployment& command, const Context& context);
Decision decide(const State& state, const AbortDeployment& command, const Context& context);

}  // namespace slipway
