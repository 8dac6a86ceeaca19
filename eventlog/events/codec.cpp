#include "eventlog/events/codec.h"

#include "eventlog/base/digest.h"
#include "eventlog/events/codec_parts.h"

#include <cstring>
#include <optional>
#include <vector>

namespace slipway {

namespace {

constexpr std::uint16_t kSchemaVersion = 1;

// Payloads are small; a few kilobytes spare the builder from growing.
constexpr std::size_t kBuilderBytes = 4096;

constexpr wire::Event kTypes[] = {wire::Event::InstallationClaimed,
                                  wire::Event::DispatchHeld,
                                  wire::Event::DispatchArmed,
                                  wire::Event::TeamCreated,
                                  wire::Event::MemberAdded,
                                  wire::Event::MemberRoleChanged,
                                  wire::Event::MemberRemoved,
                                  wire::Event::AppCreated,
                                  wire::Event::AppCloned,
                                  wire::Event::AppRevised,
                                  wire::Event::AppArchived,
                                  wire::Event::SigningSecretRotated,
                                  wire::Event::DeploymentScheduled,
                                  wire::Event::DeploymentRescheduled,
                                  wire::Event::DeploymentTermsRevised,
                                  wire::Event::DeploymentHeld,
                                  wire::Event::DeploymentReleased,
                                  wire::Event::DeploymentExpedited,
                                  wire::Event::DependencyAwaited,
                                  wire::Event::DeploymentCancelled,
                                  wire::Event::DeploymentMissed,
                                  wire::Event::DeploymentSkipped,
                                  wire::Event::DeploymentRequested,
                                  wire::Event::DeploymentDue,
                                  wire::Event::AttemptStarted,
                                  wire::Event::AttemptAccepted,
                                  wire::Event::AttemptFailed,
                                  wire::Event::OutcomeUnknown,
                                  wire::Event::OutcomeReconciled,
                                  wire::Event::DeploymentSucceeded,
                                  wire::Event::DeploymentFailed,
                                  wire::Event::DeploymentAborted,
                                  wire::Event::MemberInvited,
                                  wire::Event::InvitationAccepted,
                                  wire::Event::InvitationRevoked,
                                  wire::Event::TokenIssued,
                                  wire::Event::TokenRevoked,
                                  wire::Event::DataExported,
                                  wire::Event::CredentialStored,
                                  wire::Event::CredentialRotated,
                                  wire::Event::CredentialShredded,
                                  wire::Event::ZoneRulesChanged,
                                  wire::Event::DueTimeReresolved,
                                  wire::Event::UserTokensRevoked,
                                  wire::Event::TeamReadByAdmin};
static_assert(std::size(kTypes) == std::variant_size_v<EventVariant>);

bool read_envelope(const wire::Envelope& from, Envelope& to) {
    if (const auto* const digest = from.idempotency_key_digest()) {
        if (digest->size() != sizeof(Digest)) return false;
        to.idempotency_key_digest.assign(digest->begin(), digest->end());
    }
    return codec::read(from.recorded_at(), to.recorded_at) &&
           codec::read(from.stream_version(), to.stream_version) &&
           codec::read(from.team(), to.team) && codec::read(from.actor_kind(), to.actor.kind) &&
           codec::read(from.actor_user(), to.actor.user) &&
           codec::read(from.actor_token(), to.actor.token) &&
           codec::read(from.request_id(), to.request_id) &&
           codec::read(from.traceparent(), to.traceparent);
}

template <class E>
bool read_event(const void* from, Event& to) {
    return codec::read(static_cast<const typename E::Wire*>(from), to.emplace<typename E::Fact>());
}

template <class F, class W>
struct Kind {
    using Fact = F;
    using Wire = W;
};

// By the numbers of the union, less one.
using Reader = bool (*)(const void*, Event&);
constexpr Reader kReaders[] = {
    read_event<Kind<InstallationClaimed, wire::InstallationClaimed>>,
    read_event<Kind<DispatchHeld, wire::DispatchHeld>>,
    read_event<Kind<DispatchArmed, wire::DispatchArmed>>,
    read_event<Kind<TeamCreated, wire::TeamCreated>>,
    read_event<Kind<MemberAdded, wire::MemberAdded>>,
    read_event<Kind<MemberRoleChanged, wire::MemberRoleChanged>>,
    read_event<Kind<MemberRemoved, wire::MemberRemoved>>,
    read_event<Kind<AppCreated, wire::AppCreated>>,
    read_event<Kind<AppCloned, wire::AppCloned>>,
    read_event<Kind<AppRevised, wire::AppRevised>>,
    read_event<Kind<AppArchived, wire::AppArchived>>,
    read_event<Kind<SigningSecretRotated, wire::SigningSecretRotated>>,
    read_event<Kind<DeploymentScheduled, wire::DeploymentScheduled>>,
    read_event<Kind<DeploymentRescheduled, wire::DeploymentRescheduled>>,
    read_event<Kind<DeploymentTermsRevised, wire::DeploymentTermsRevised>>,
    read_event<Kind<DeploymentHeld, wire::DeploymentHeld>>,
    read_event<Kind<DeploymentReleased, wire::DeploymentReleased>>,
    read_event<Kind<DeploymentExpedited, wire::DeploymentExpedited>>,
    read_event<Kind<DependencyAwaited, wire::DependencyAwaited>>,
    read_event<Kind<DeploymentCancelled, wire::DeploymentCancelled>>,
    read_event<Kind<DeploymentMissed, wire::DeploymentMissed>>,
    read_event<Kind<DeploymentSkipped, wire::DeploymentSkipped>>,
    read_event<Kind<DeploymentRequested, wire::DeploymentRequested>>,
    read_event<Kind<DeploymentDue, wire::DeploymentDue>>,
    read_event<Kind<AttemptStarted, wire::AttemptStarted>>,
    read_event<Kind<AttemptAccepted, wire::AttemptAccepted>>,
    read_event<Kind<AttemptFailed, wire::AttemptFailed>>,
    read_event<Kind<OutcomeUnknown, wire::OutcomeUnknown>>,
    read_event<Kind<OutcomeReconciled, wire::OutcomeReconciled>>,
    read_event<Kind<DeploymentSucceeded, wire::DeploymentSucceeded>>,
    read_event<Kind<DeploymentFailed, wire::DeploymentFailed>>,
    read_event<Kind<DeploymentAborted, wire::DeploymentAborted>>,
    read_event<Kind<MemberInvited, wire::MemberInvited>>,
    read_event<Kind<InvitationAccepted, wire::InvitationAccepted>>,
    read_event<Kind<InvitationRevoked, wire::InvitationRevoked>>,
    read_event<Kind<TokenIssued, wire::TokenIssued>>,
    read_event<Kind<TokenRevoked, wire::TokenRevoked>>,
    read_event<Kind<DataExported, wire::DataExported>>,
    read_event<Kind<CredentialStored, wire::CredentialStored>>,
    read_event<Kind<CredentialRotated, wire::CredentialRotated>>,
    read_event<Kind<CredentialShredded, wire::CredentialShredded>>,
    read_event<Kind<ZoneRulesChanged, wire::ZoneRulesChanged>>,
    read_event<Kind<DueTimeReresolved, wire::DueTimeReresolved>>,
    read_event<Kind<UserTokensRevoked, wire::UserTokensRevoked>>,
    read_event<Kind<TeamReadByAdmin, wire::TeamReadByAdmin>>};
static_assert(std::size(kReaders) == std::size(kTypes));

Error unreadable(Position position, const std::string& what) {
    return Error{ErrorCode::invalid,
                 "event at position " + std::to_string(position.value) + ": " + what};
}

}  // namespace

std::string encode(const Envelope& envelope, const Event& event) {
    CHECK(envelope.stream == stream_of(event));
    const std::string& key_digest = envelope.idempotency_key_digest;
    CHECK(key_digest.empty() || key_digest.size() == sizeof(Digest));
    thread_local codec::Builder to{kBuilderBytes};
    to.Clear();
    const auto fact =
        std::visit([&](const auto& one) { return codec::write(to, one).Union(); }, event);
    const auto request_id = codec::write(to, envelope.request_id);
    const auto token = codec::write(to, envelope.actor.token);
    const auto traceparent = codec::write(to, envelope.traceparent);
    flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> digest;
    if (!key_digest.empty()) {
        digest = to.CreateVector(reinterpret_cast<const std::uint8_t*>(key_digest.data()),
                                 key_digest.size());
    }
    const auto team = codec::wire_of(envelope.team.uuid);
    const auto user = codec::wire_of(envelope.actor.user.uuid);
    // The wide ones first: less padding.
    wire::EnvelopeBuilder made{to};
    made.add_recorded_at(codec::number_of(envelope.recorded_at));
    if (!envelope.team.is_nil()) made.add_team(&team);
    if (!envelope.actor.user.is_nil()) made.add_actor_user(&user);
    made.add_event(fact);
    made.add_stream_version(codec::number_of(envelope.stream_version));
    if (!request_id.IsNull()) made.add_request_id(request_id);
    if (!token.IsNull()) made.add_actor_token(token);
    if (!digest.IsNull()) made.add_idempotency_key_digest(digest);
    if (!traceparent.IsNull()) made.add_traceparent(traceparent);
    made.add_event_type(kTypes[event.index()]);
    made.add_actor_kind(codec::number_of(envelope.actor.kind));
    wire::FinishEnvelopeBuffer(to, made.Finish());
    return {reinterpret_cast<const char*>(to.GetBufferPointer()), to.GetSize()};
}

namespace {

// Fields are read in place, so they must lie as they were laid out; a slice of a file may not.
const std::uint8_t* aligned(std::string_view bytes) {
    constexpr std::size_t kAlignment = sizeof(std::uint64_t);
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment == 0) {
        return reinterpret_cast<const std::uint8_t*>(bytes.data());
    }
    thread_local std::vector<std::uint64_t> copy;
    copy.resize(bytes.size() / kAlignment + 1);
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    return reinterpret_cast<const std::uint8_t*>(copy.data());
}

// The event inside `from`, or what is wrong with it.
std::optional<std::string> read_recorded(const wire::Envelope& from, RecordedEvent& to) {
    if (from.schema_version() != kSchemaVersion) {
        return "schema version " + std::to_string(from.schema_version()) +
               "; this program reads version " + std::to_string(kSchemaVersion) +
               ", so another one must";
    }
    const auto type = static_cast<std::size_t>(from.event_type());
    if (type > std::size(kReaders)) {
        return "type number " + std::to_string(type) + "; this program knows 1 to " +
               std::to_string(std::size(kReaders)) + ", so a newer one wrote it";
    }
    if (type == 0) return "no event is in it";
    if (!read_envelope(from, to.envelope)) {
        return "its envelope holds a value that this program does not know";
    }
    if (!kReaders[type - 1](from.event(), to.event)) {
        return "its " + std::string{type_name(to.event)} +
               " holds a value that this program does not know";
    }
    to.envelope.stream = stream_of(to.event);
    return std::nullopt;
}

}  // namespace

Result<RecordedEvent> decode(Position position, std::string_view bytes) {
    const std::uint8_t* const data = aligned(bytes);
    flatbuffers::Verifier verifier{data, bytes.size()};
    if (!wire::VerifyEnvelopeBuffer(verifier)) {
        return unreadable(position, "its bytes are no envelope with an event");
    }
    Result<RecordedEvent> recorded{RecordedEvent{position, {}, {}}};
    if (const auto wrong = read_recorded(*wire::GetEnvelope(data), *recorded)) {
        return unreadable(position, *wrong);
    }
    return recorded;
}

}  // namespace slipway
