#include "eventlog/events/codec.h"

#include "eventlog/events/codec_parts.h"

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
                                  wire::Event::DeploymentAborted};
static_assert(std::size(kTypes) == std::variant_size_v<Event>);

flatbuffers::Offset<wire::Actor> write_actor(codec::Builder& to, const Actor& from) {
    const auto token = codec::write(to, from.token);
    const auto user = codec::wire_of(from.user.uuid);
    wire::ActorBuilder made{to};
    made.add_kind(codec::number_of(from.kind));
    if (!from.user.is_nil()) made.add_user(&user);
    if (!token.IsNull()) made.add_token(token);
    return made.Finish();
}

bool read_actor(const wire::Actor* from, Actor& to) {
    return from != nullptr && codec::read(from->kind(), to.kind) &&
           codec::read(from->user(), to.user) && codec::read(from->token(), to.token);
}

bool read_uuid(const wire::Uuid* from, Uuid& to) {
    if (from != nullptr) to = Uuid{from->high(), from->low()};
    return true;
}

bool read_envelope(const wire::Envelope& from, Envelope& to) {
    if (const auto* const digest = from.idempotency_key_digest()) {
        to.idempotency_key_digest.assign(digest->begin(), digest->end());
    }
    return codec::read(from.recorded_at(), to.recorded_at) && read_uuid(from.stream(), to.stream) &&
           codec::read(from.stream_version(), to.stream_version) &&
           codec::read(from.team(), to.team) && read_actor(from.actor(), to.actor) &&
           codec::read(from.request_id(), to.request_id);
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
    read_event<Kind<DeploymentAborted, wire::DeploymentAborted>>};
static_assert(std::size(kReaders) == std::size(kTypes));

Error unreadable(Position position, const std::string& what) {
    return Error{ErrorCode::invalid,
                 "event at position " + std::to_string(position.value) + ": " + what};
}

}  // namespace

std::string encode(const Envelope& envelope, const Event& event) {
    thread_local codec::Builder to{kBuilderBytes};
    to.Clear();
    const auto fact =
        std::visit([&](const auto& one) { return codec::write(to, one).Union(); }, event);
    const auto actor = write_actor(to, envelope.actor);
    const auto request_id = codec::write(to, envelope.request_id);
    flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> digest;
    if (!envelope.idempotency_key_digest.empty()) {
        digest = to.CreateVector(
            reinterpret_cast<const std::uint8_t*>(envelope.idempotency_key_digest.data()),
            envelope.idempotency_key_digest.size());
    }
    const auto stream = codec::wire_of(envelope.stream);
    const auto team = codec::wire_of(envelope.team.uuid);
    wire::EnvelopeBuilder made{to};
    made.add_recorded_at(codec::number_of(envelope.recorded_at));
    if (!envelope.stream.is_nil()) made.add_stream(&stream);
    made.add_stream_version(envelope.stream_version.value);
    if (!envelope.team.is_nil()) made.add_team(&team);
    made.add_actor(actor);
    if (!request_id.IsNull()) made.add_request_id(request_id);
    if (!digest.IsNull()) made.add_idempotency_key_digest(digest);
    made.add_event_type(kTypes[event.index()]);
    made.add_event(fact);
    wire::FinishEnvelopeBuffer(to, made.Finish());
    return {reinterpret_cast<const char*>(to.GetBufferPointer()), to.GetSize()};
}

Result<RecordedEvent> decode(Position position, std::string_view bytes) {
    const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    flatbuffers::Verifier verifier{data, bytes.size()};
    if (!wire::VerifyEnvelopeBuffer(verifier)) {
        return unreadable(position, "its bytes are not those of an envelope");
    }
    const wire::Envelope& from = *wire::GetEnvelope(data);
    if (from.schema_version() != kSchemaVersion) {
        return unreadable(position, "schema version " + std::to_string(from.schema_version()) +
                                        "; this program reads 1, so a newer one wrote it");
    }
    const auto type = static_cast<std::size_t>(from.event_type());
    if (type < 1 || type > std::size(kReaders) || from.event() == nullptr) {
        return unreadable(position,
                          "type number " + std::to_string(type) + "; this program knows 1 to " +
                              std::to_string(std::size(kReaders)) + ", so a newer one wrote it");
    }
    RecordedEvent recorded;
    recorded.position = position;
    if (!read_envelope(from, recorded.envelope)) {
        return unreadable(position, "its envelope has a value that is not known");
    }
    if (!kReaders[type - 1](from.event(), recorded.event)) {
        return unreadable(position, "a field of its " + std::string{type_name(recorded.event)} +
                                        " is missing or has a value that is not known");
    }
    return recorded;
}

}  // namespace slipway
