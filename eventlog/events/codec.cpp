#include "eventlog/events/codec.h"

#include "eventlog/base/digest.h"
#include "eventlog/events/codec_table.h"

#include <cstring>
#include <optional>
#include <vector>

namespace slipway {

namespace {

using codec::Builder;
using codec::Offset;
using codec::Slot;
using codec::slot_of;
using codec::Verifier;

constexpr char kFileIdentifier[] = "SLP1";
constexpr std::uint16_t kSchemaVersion = 1;

// Payloads are small; a few kilobytes spare the builder from growing.
constexpr std::size_t kBuilderBytes = 4096;

// ---- The union of events. The number of a type is its place in EventVariant, from 1.

constexpr std::size_t kTypes = std::variant_size_v<EventVariant>;

struct Type {
    bool (*verify)(Verifier&, const void*);
    bool (*read)(const void*, Event&);
};

template <std::size_t I>
constexpr Type type_at() {
    using Fact = std::variant_alternative_t<I, EventVariant>;
    using Table = codec::Table<Fact>;
    return {[](Verifier& verifier, const void* table) {
                return verifier.VerifyTable(static_cast<const Table*>(table));
            },
            [](const void* table, Event& to) {
                return static_cast<const Table*>(table)->read(to.emplace<Fact>());
            }};
}

constexpr auto kTypeTable = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array{type_at<I>()...};
}
(std::make_index_sequence<kTypes>{});

// ---- The envelope. The stream is that of the event, which names its object.

class EnvelopeTable : private flatbuffers::Table {
  public:
    static Offset<EnvelopeTable> write(Builder& to, const Envelope& from, const Event& event);

    // The type of event may be one that is not known.
    // NOLINTNEXTLINE(readability-identifier-naming): FlatBuffers' verifier calls it so.
    bool Verify(Verifier& verifier) const;

    bool read(Envelope& to) const;
    // Requires: event_type() is between 1 and kTypes.
    bool read_event(Event& to) const { return kTypeTable[event_type() - 1U].read(event(), to); }
    std::uint8_t event_type() const { return GetField<std::uint8_t>(kEventType, 0); }
    std::uint16_t schema_version() const {
        return GetField<std::uint16_t>(kSchemaVersionSlot, kSchemaVersion);
    }

  private:
    using Bytes = flatbuffers::Vector<std::uint8_t>;
    using MaybeTeam = std::optional<TeamId>;
    using MaybeUser = std::optional<UserId>;

    static constexpr auto kRecordedAt = slot_of(0);
    static constexpr auto kEventType = slot_of(1);
    static constexpr auto kEvent = slot_of(2);
    static constexpr auto kActorKind = slot_of(3);
    static constexpr auto kStreamVersion = slot_of(4);
    static constexpr auto kTeam = slot_of(5);
    static constexpr auto kRequestId = slot_of(6);
    static constexpr auto kActorUser = slot_of(7);
    static constexpr auto kActorToken = slot_of(8);
    static constexpr auto kKeyDigest = slot_of(9);
    static constexpr auto kSchemaVersionSlot = slot_of(10);
    static constexpr auto kTraceparent = slot_of(11);

    const void* event() const { return GetPointer<const void*>(kEvent); }
    bool verify_event(Verifier& verifier) const {
        const std::size_t type = event_type();
        return type == 0 || type > kTypes || kTypeTable[type - 1].verify(verifier, event());
    }
};

Offset<EnvelopeTable> EnvelopeTable::write(Builder& to, const Envelope& from, const Event& event) {
    const auto fact = std::visit(
        [&]<class Fact>(const Fact& one) { return codec::Table<Fact>::write(to, one).Union(); },
        static_cast<const EventVariant&>(event));
    const auto request_id = Slot<std::string>::create(to, from.request_id, false);
    const auto token = Slot<std::string>::create(to, from.actor.token, false);
    const auto traceparent = Slot<std::string>::create(to, from.traceparent, false);
    const std::string& key_digest = from.idempotency_key_digest;
    Offset<Bytes> digest;
    if (!key_digest.empty()) {
        digest = to.CreateVector(reinterpret_cast<const std::uint8_t*>(key_digest.data()),
                                 key_digest.size());
    }
    // The wide ones first: less padding.
    const auto start = to.StartTable();
    Slot<Instant>::add(to, kRecordedAt, from.recorded_at, {}, {});
    if (!from.team.is_nil()) Slot<TeamId>::add(to, kTeam, from.team, {}, {});
    if (!from.actor.user.is_nil()) Slot<UserId>::add(to, kActorUser, from.actor.user, {}, {});
    to.AddOffset(kEvent, fact);
    Slot<Version>::add(to, kStreamVersion, from.stream_version, {}, {});
    to.AddOffset(kRequestId, request_id);
    to.AddOffset(kActorToken, token);
    to.AddOffset(kKeyDigest, digest);
    to.AddOffset(kTraceparent, traceparent);
    to.AddElement<std::uint8_t>(kEventType, static_cast<std::uint8_t>(event.index() + 1), 0);
    Slot<ActorKind>::add(to, kActorKind, from.actor.kind, {}, {});
    return Offset<EnvelopeTable>{to.EndTable(start)};
}

bool EnvelopeTable::Verify(Verifier& verifier) const {
    return VerifyTableStart(verifier) &&
           Slot<Instant>::verify(*this, verifier, kRecordedAt, false) &&
           VerifyField<std::uint8_t>(verifier, kEventType, 1) &&
           VerifyOffsetRequired(verifier, kEvent) && verify_event(verifier) &&
           Slot<ActorKind>::verify(*this, verifier, kActorKind, false) &&
           Slot<Version>::verify(*this, verifier, kStreamVersion, false) &&
           Slot<MaybeTeam>::verify(*this, verifier, kTeam, false) &&
           Slot<std::string>::verify(*this, verifier, kRequestId, false) &&
           Slot<MaybeUser>::verify(*this, verifier, kActorUser, false) &&
           Slot<std::string>::verify(*this, verifier, kActorToken, false) &&
           VerifyOffset(verifier, kKeyDigest) &&
           verifier.VerifyVector(GetPointer<const Bytes*>(kKeyDigest)) &&
           VerifyField<std::uint16_t>(verifier, kSchemaVersionSlot, 2) &&
           Slot<std::string>::verify(*this, verifier, kTraceparent, false) && verifier.EndTable();
}

bool EnvelopeTable::read(Envelope& to) const {
    if (const auto* const digest = GetPointer<const Bytes*>(kKeyDigest)) {
        if (digest->size() != sizeof(Digest)) return false;
        to.idempotency_key_digest.assign(digest->begin(), digest->end());
    }
    MaybeTeam team;
    MaybeUser user;
    to.actor.kind = {};  // an absent number is 0
    const bool is_good = Slot<Instant>::read(*this, kRecordedAt, to.recorded_at) &&
                         Slot<Version>::read(*this, kStreamVersion, to.stream_version) &&
                         Slot<MaybeTeam>::read(*this, kTeam, team) &&
                         Slot<ActorKind>::read(*this, kActorKind, to.actor.kind) &&
                         Slot<MaybeUser>::read(*this, kActorUser, user) &&
                         Slot<std::string>::read(*this, kActorToken, to.actor.token) &&
                         Slot<std::string>::read(*this, kRequestId, to.request_id) &&
                         Slot<std::string>::read(*this, kTraceparent, to.traceparent);
    to.team = team.value_or(TeamId{});
    to.actor.user = user.value_or(UserId{});
    return is_good;
}

Error unreadable(Position position, const std::string& what) {
    return Error{ErrorCode::invalid,
                 "event at position " + std::to_string(position.value) + ": " + what};
}

}  // namespace

std::string encode(const Envelope& envelope, const Event& event) {
    CHECK(envelope.stream == stream_of(event));
    const std::string& key_digest = envelope.idempotency_key_digest;
    CHECK(key_digest.empty() || key_digest.size() == sizeof(Digest));
    thread_local Builder to{kBuilderBytes};
    to.Clear();
    to.Finish(EnvelopeTable::write(to, envelope, event), kFileIdentifier);
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
std::optional<std::string> read_recorded(const EnvelopeTable& from, RecordedEvent& to) {
    if (from.schema_version() != kSchemaVersion) {
        return "schema version " + std::to_string(from.schema_version()) +
               "; this program reads version " + std::to_string(kSchemaVersion) +
               ", so another one must";
    }
    const std::size_t type = from.event_type();
    if (type > kTypes) {
        return "type number " + std::to_string(type) + "; this program knows 1 to " +
               std::to_string(kTypes) + ", so a newer one wrote it";
    }
    if (type == 0) return "no event is in it";
    if (!from.read(to.envelope)) {
        return "its envelope holds a value that this program does not know";
    }
    if (!from.read_event(to.event)) {
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
    if (!verifier.VerifyBuffer<EnvelopeTable>(kFileIdentifier)) {
        return unreadable(position, "its bytes are no envelope with an event");
    }
    Result<RecordedEvent> recorded{RecordedEvent{position, {}, {}}};
    if (const auto wrong = read_recorded(*flatbuffers::GetRoot<EnvelopeTable>(data), *recorded)) {
        return unreadable(position, *wrong);
    }
    return recorded;
}

}  // namespace slipway
