// The steps of the codec that several of its files share. Only codec*.cpp include it.

#pragma once

#include "eventlog/events/envelope_generated.h"
#include "eventlog/events/event.h"

#include <string>
#include <vector>

namespace slipway::codec {

using Builder = flatbuffers::FlatBufferBuilder;

// ---- Writing. What is empty is not written unless the schema requires it: its offset is null.

wire::Uuid wire_of(Uuid uuid);
flatbuffers::Offset<flatbuffers::String> write(Builder& to, const std::string& from);
flatbuffers::Offset<flatbuffers::Vector<std::uint32_t>> write(
    Builder& to, const std::vector<std::uint32_t>& from);
flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Label>>> write(
    Builder& to, const Labels& from);

inline std::uint32_t number_of(std::uint32_t value) {
    return value;
}
inline bool number_of(bool value) {
    return value;
}
inline std::uint32_t number_of(Version value) {
    return value.value;
}
inline std::int64_t number_of(Instant value) {
    return value.time_since_epoch().count();
}
inline std::int64_t number_of(LocalTime value) {
    return value.time_since_epoch().count();
}
inline std::int64_t number_of(Millis value) {
    return value.count();
}
inline std::int32_t number_of(Seconds value) {
    return static_cast<std::int32_t>(value.count());
}
template <class Enum>
requires std::is_enum_v<Enum> std::uint8_t number_of(Enum value) {
    return static_cast<std::uint8_t>(value);
}

// ---- Reading. False: the bytes are no such thing.

bool read(const flatbuffers::String* from, std::string& to);
bool read(const flatbuffers::Vector<std::uint32_t>* from, std::vector<std::uint32_t>& to);
bool read(const flatbuffers::Vector<flatbuffers::Offset<wire::Label>>* from, Labels& to);

template <class Tag>
bool read(const wire::Uuid* from, Id<Tag>& to) {
    to.uuid = from == nullptr ? Uuid{} : Uuid{from->high(), from->low()};
    return true;
}
template <class Tag>
bool read(const wire::Uuid* from, std::optional<Id<Tag>>& to) {
    if (from != nullptr) to = Id<Tag>{Uuid{from->high(), from->low()}};
    return true;
}
inline bool read(std::uint32_t from, std::uint32_t& to) {
    to = from;
    return true;
}
inline bool read(bool from, bool& to) {
    to = from;
    return true;
}
inline bool read(std::uint32_t from, Version& to) {
    to = Version{from};
    return true;
}
// Only bytes that are not ours hold a time outside of these, which sums of times cannot overflow
// and calendars can show: wider than the years that are scheduled and every limit added to them.
inline constexpr Millis kSinceEpochMin = date::sys_days{date::year{0} / 1 / 1}.time_since_epoch();
inline constexpr Millis kSinceEpochMax =
    date::sys_days{date::year{20'000} / 1 / 1}.time_since_epoch();

inline bool read(std::int64_t from, Millis& to) {
    to = Millis{from};
    return kSinceEpochMin <= to && to <= kSinceEpochMax;
}
inline bool read(std::int64_t from, Instant& to) {
    to = Instant{Millis{from}};
    return kSinceEpochMin <= Millis{from} && Millis{from} <= kSinceEpochMax;
}
inline bool read(std::int64_t from, LocalTime& to) {
    to = LocalTime{Seconds{from}};
    return std::chrono::ceil<Seconds>(kSinceEpochMin) <= Seconds{from} &&
           Seconds{from} <= std::chrono::floor<Seconds>(kSinceEpochMax);
}
inline bool read(std::int32_t from, Seconds& to) {
    to = Seconds{from};
    return true;
}
inline bool read(flatbuffers::Optional<std::int64_t> from, std::optional<Instant>& to) {
    return !from || read(*from, to.emplace());
}
template <class Enum>
requires std::is_enum_v<Enum>
bool read(std::uint8_t from, Enum& to) {
    to = static_cast<Enum>(from);
    return is_known<Enum>(from);
}

// ---- Parts and events

flatbuffers::Offset<wire::Container> write(Builder& to, const Container& from);
bool read(const wire::Container* from, Container& to);
flatbuffers::Offset<wire::Infrastructure> write(Builder& to, const Infrastructure& from);
bool read(const wire::Infrastructure* from, Infrastructure& to);
flatbuffers::Offset<wire::Target> write(Builder& to, const Target& from);
bool read(const wire::Target* from, Target& to);
flatbuffers::Offset<wire::AppDefinition> write(Builder& to, const AppDefinition& from);
bool read(const wire::AppDefinition* from, AppDefinition& to);
flatbuffers::Offset<wire::PlannedTime> write(Builder& to, const PlannedTime& from);
bool read(const wire::PlannedTime* from, PlannedTime& to);
flatbuffers::Offset<wire::Policies> write(Builder& to, const Policies& from);
bool read(const wire::Policies* from, Policies& to);
flatbuffers::Offset<wire::InstallationClaimed> write(Builder& to, const InstallationClaimed& from);
bool read(const wire::InstallationClaimed* from, InstallationClaimed& to);
flatbuffers::Offset<wire::DispatchHeld> write(Builder& to, const DispatchHeld& from);
bool read(const wire::DispatchHeld* from, DispatchHeld& to);
flatbuffers::Offset<wire::DispatchArmed> write(Builder& to, const DispatchArmed& from);
bool read(const wire::DispatchArmed* from, DispatchArmed& to);
flatbuffers::Offset<wire::TeamCreated> write(Builder& to, const TeamCreated& from);
bool read(const wire::TeamCreated* from, TeamCreated& to);
flatbuffers::Offset<wire::MemberAdded> write(Builder& to, const MemberAdded& from);
bool read(const wire::MemberAdded* from, MemberAdded& to);
flatbuffers::Offset<wire::MemberRoleChanged> write(Builder& to, const MemberRoleChanged& from);
bool read(const wire::MemberRoleChanged* from, MemberRoleChanged& to);
flatbuffers::Offset<wire::MemberRemoved> write(Builder& to, const MemberRemoved& from);
bool read(const wire::MemberRemoved* from, MemberRemoved& to);
flatbuffers::Offset<wire::MemberInvited> write(Builder& to, const MemberInvited& from);
bool read(const wire::MemberInvited* from, MemberInvited& to);
flatbuffers::Offset<wire::InvitationAccepted> write(Builder& to, const InvitationAccepted& from);
bool read(const wire::InvitationAccepted* from, InvitationAccepted& to);
flatbuffers::Offset<wire::InvitationRevoked> write(Builder& to, const InvitationRevoked& from);
bool read(const wire::InvitationRevoked* from, InvitationRevoked& to);
flatbuffers::Offset<wire::TokenIssued> write(Builder& to, const TokenIssued& from);
bool read(const wire::TokenIssued* from, TokenIssued& to);
flatbuffers::Offset<wire::TokenRevoked> write(Builder& to, const TokenRevoked& from);
bool read(const wire::TokenRevoked* from, TokenRevoked& to);
flatbuffers::Offset<wire::DataExported> write(Builder& to, const DataExported& from);
bool read(const wire::DataExported* from, DataExported& to);
flatbuffers::Offset<wire::ZoneRulesChanged> write(Builder& to, const ZoneRulesChanged& from);
bool read(const wire::ZoneRulesChanged* from, ZoneRulesChanged& to);
flatbuffers::Offset<wire::CredentialStored> write(Builder& to, const CredentialStored& from);
bool read(const wire::CredentialStored* from, CredentialStored& to);
flatbuffers::Offset<wire::CredentialRotated> write(Builder& to, const CredentialRotated& from);
bool read(const wire::CredentialRotated* from, CredentialRotated& to);
flatbuffers::Offset<wire::CredentialShredded> write(Builder& to, const CredentialShredded& from);
bool read(const wire::CredentialShredded* from, CredentialShredded& to);
flatbuffers::Offset<wire::AppCreated> write(Builder& to, const AppCreated& from);
bool read(const wire::AppCreated* from, AppCreated& to);
flatbuffers::Offset<wire::AppCloned> write(Builder& to, const AppCloned& from);
bool read(const wire::AppCloned* from, AppCloned& to);
flatbuffers::Offset<wire::AppRevised> write(Builder& to, const AppRevised& from);
bool read(const wire::AppRevised* from, AppRevised& to);
flatbuffers::Offset<wire::AppArchived> write(Builder& to, const AppArchived& from);
bool read(const wire::AppArchived* from, AppArchived& to);
flatbuffers::Offset<wire::SigningSecretRotated> write(Builder& to,
                                                      const SigningSecretRotated& from);
bool read(const wire::SigningSecretRotated* from, SigningSecretRotated& to);
flatbuffers::Offset<wire::DeploymentScheduled> write(Builder& to, const DeploymentScheduled& from);
bool read(const wire::DeploymentScheduled* from, DeploymentScheduled& to);
flatbuffers::Offset<wire::DeploymentRescheduled> write(Builder& to,
                                                       const DeploymentRescheduled& from);
bool read(const wire::DeploymentRescheduled* from, DeploymentRescheduled& to);
flatbuffers::Offset<wire::DueTimeReresolved> write(Builder& to, const DueTimeReresolved& from);
bool read(const wire::DueTimeReresolved* from, DueTimeReresolved& to);
flatbuffers::Offset<wire::DeploymentTermsRevised> write(Builder& to,
                                                        const DeploymentTermsRevised& from);
bool read(const wire::DeploymentTermsRevised* from, DeploymentTermsRevised& to);
flatbuffers::Offset<wire::DeploymentHeld> write(Builder& to, const DeploymentHeld& from);
bool read(const wire::DeploymentHeld* from, DeploymentHeld& to);
flatbuffers::Offset<wire::DeploymentReleased> write(Builder& to, const DeploymentReleased& from);
bool read(const wire::DeploymentReleased* from, DeploymentReleased& to);
flatbuffers::Offset<wire::DeploymentExpedited> write(Builder& to, const DeploymentExpedited& from);
bool read(const wire::DeploymentExpedited* from, DeploymentExpedited& to);
flatbuffers::Offset<wire::DependencyAwaited> write(Builder& to, const DependencyAwaited& from);
bool read(const wire::DependencyAwaited* from, DependencyAwaited& to);
flatbuffers::Offset<wire::DeploymentCancelled> write(Builder& to, const DeploymentCancelled& from);
bool read(const wire::DeploymentCancelled* from, DeploymentCancelled& to);
flatbuffers::Offset<wire::DeploymentMissed> write(Builder& to, const DeploymentMissed& from);
bool read(const wire::DeploymentMissed* from, DeploymentMissed& to);
flatbuffers::Offset<wire::DeploymentSkipped> write(Builder& to, const DeploymentSkipped& from);
bool read(const wire::DeploymentSkipped* from, DeploymentSkipped& to);
flatbuffers::Offset<wire::DeploymentRequested> write(Builder& to, const DeploymentRequested& from);
bool read(const wire::DeploymentRequested* from, DeploymentRequested& to);
flatbuffers::Offset<wire::DeploymentDue> write(Builder& to, const DeploymentDue& from);
bool read(const wire::DeploymentDue* from, DeploymentDue& to);
flatbuffers::Offset<wire::AttemptStarted> write(Builder& to, const AttemptStarted& from);
bool read(const wire::AttemptStarted* from, AttemptStarted& to);
flatbuffers::Offset<wire::AttemptAccepted> write(Builder& to, const AttemptAccepted& from);
bool read(const wire::AttemptAccepted* from, AttemptAccepted& to);
flatbuffers::Offset<wire::AttemptFailed> write(Builder& to, const AttemptFailed& from);
bool read(const wire::AttemptFailed* from, AttemptFailed& to);
flatbuffers::Offset<wire::OutcomeUnknown> write(Builder& to, const OutcomeUnknown& from);
bool read(const wire::OutcomeUnknown* from, OutcomeUnknown& to);
flatbuffers::Offset<wire::OutcomeReconciled> write(Builder& to, const OutcomeReconciled& from);
bool read(const wire::OutcomeReconciled* from, OutcomeReconciled& to);
flatbuffers::Offset<wire::DeploymentSucceeded> write(Builder& to, const DeploymentSucceeded& from);
bool read(const wire::DeploymentSucceeded* from, DeploymentSucceeded& to);
flatbuffers::Offset<wire::DeploymentFailed> write(Builder& to, const DeploymentFailed& from);
bool read(const wire::DeploymentFailed* from, DeploymentFailed& to);
flatbuffers::Offset<wire::DeploymentAborted> write(Builder& to, const DeploymentAborted& from);
bool read(const wire::DeploymentAborted* from, DeploymentAborted& to);
flatbuffers::Offset<wire::UserTokensRevoked> write(Builder& to, const UserTokensRevoked& from);
bool read(const wire::UserTokensRevoked* from, UserTokensRevoked& to);
flatbuffers::Offset<wire::TeamReadByAdmin> write(Builder& to, const TeamReadByAdmin& from);
bool read(const wire::TeamReadByAdmin* from, TeamReadByAdmin& to);
flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Container>>> write(
    Builder& to, const std::vector<Container>& from);
bool read(const flatbuffers::Vector<flatbuffers::Offset<wire::Container>>* from,
          std::vector<Container>& to);

}  // namespace slipway::codec
