#include "eventlog/events/event.h"

namespace slipway {

Event::Event() = default;
Event::Event(const Event&) = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(const Event&) = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

bool operator==(const Event& a, const Event& b) {
    return static_cast<const EventVariant&>(a) == static_cast<const EventVariant&>(b);
}

std::string_view type_name(const Event& event) {
    constexpr std::string_view kNames[] = {"InstallationClaimed",
                                           "DispatchHeld",
                                           "DispatchArmed",
                                           "TeamCreated",
                                           "MemberAdded",
                                           "MemberRoleChanged",
                                           "MemberRemoved",
                                           "AppCreated",
                                           "AppCloned",
                                           "AppRevised",
                                           "AppArchived",
                                           "SigningSecretRotated",
                                           "DeploymentScheduled",
                                           "DeploymentRescheduled",
                                           "DeploymentTermsRevised",
                                           "DeploymentHeld",
                                           "DeploymentReleased",
                                           "DeploymentExpedited",
                                           "DependencyAwaited",
                                           "DeploymentCancelled",
                                           "DeploymentMissed",
                                           "DeploymentSkipped",
                                           "DeploymentRequested",
                                           "DeploymentDue",
                                           "AttemptStarted",
                                           "AttemptAccepted",
                                           "AttemptFailed",
                                           "OutcomeUnknown",
                                           "OutcomeReconciled",
                                           "DeploymentSucceeded",
                                           "DeploymentFailed",
                                           "DeploymentAborted",
                                           "MemberInvited",
                                           "InvitationAccepted",
                                           "InvitationRevoked",
                                           "TokenIssued",
                                           "TokenRevoked",
                                           "DataExported",
                                           "CredentialStored",
                                           "CredentialRotated",
                                           "CredentialShredded",
                                           "ZoneRulesChanged",
                                           "DueTimeReresolved",
                                           "UserTokensRevoked",
                                           "TeamReadByAdmin"};
    static_assert(std::size(kNames) == std::variant_size_v<EventVariant>);
    return kNames[event.index()];
}

namespace {

template <class T>
concept OfTeam = requires(const T& event) {
    TeamId{event.team};
};
template <class T>
concept OfSchedule = requires(const T& event) {
    ScheduleId{event.schedule};
};
template <class T>
concept OfDeployment = requires(const T& event) {
    DeploymentId{event.deployment};
};
template <class T>
concept OfApp = requires(const T& event) {
    AppId{event.app};
};

}  // namespace

Uuid stream_of(const Event& event) {
    return std::visit(
        []<class T>(const T& fact) {
            if constexpr (OfSchedule<T>)
                return fact.schedule.uuid;
            else if constexpr (OfDeployment<T>)
                return fact.deployment.uuid;
            else if constexpr (OfApp<T>)
                return fact.app.uuid;
            else if constexpr (OfTeam<T>)
                return fact.team.uuid;
            else
                return Uuid{};
        },
        event);
}

}  // namespace slipway
