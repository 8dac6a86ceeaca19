// The vocabulary: each event a plain struct, Event their variant. An event is a fact in the past
// tense, complete, and never changed once released. What could differ tomorrow (time, ids, chance,
// the instant a wall clock stands for) is in the event, so that applying it needs nothing else.
//
// Each struct is described once, by BOOST_DESCRIBE_STRUCT: bytes, JSON, snapshots, fingerprints
// and tests follow from that description. The names are those of the JSON that every reader outside
// sees. For the bytes on disk see codec.h.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/events/app_events.h"
#include "eventlog/events/deployment_events.h"
#include "eventlog/events/schedule_events.h"
#include "eventlog/events/server_events.h"
#include "eventlog/events/team_events.h"

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace slipway {

// The number of a type in the bytes is its place here, from 1: a new type comes last.
using EventVariant = std::variant<
    InstallationClaimed, DispatchHeld, DispatchArmed, TeamCreated, MemberAdded, MemberRoleChanged,
    MemberRemoved, AppCreated, AppCloned, AppRevised, AppArchived, SigningSecretRotated,
    DeploymentScheduled, DeploymentRescheduled, DeploymentTermsRevised, DeploymentHeld,
    DeploymentReleased, DeploymentExpedited, DependencyAwaited, DeploymentCancelled,
    DeploymentMissed, DeploymentSkipped, DeploymentRequested, DeploymentDue, AttemptStarted,
    AttemptAccepted, AttemptFailed, OutcomeUnknown, OutcomeReconciled, DeploymentSucceeded,
    DeploymentFailed, DeploymentAborted, MemberInvited, InvitationAccepted, InvitationRevoked,
    TokenIssued, TokenRevoked, DataExported, CredentialStored, CredentialRotated,
    CredentialShredded, ZoneRulesChanged, DueTimeReresolved, UserTokensRevoked, TeamReadByAdmin>;

// A variant in every way. Its special members are compiled once, in event.cpp, and not in each file
// that holds an event: that halves the time to build them.
class Event : public EventVariant {
  public:
    Event();
    template <class Fact>
    requires(!std::is_same_v<Fact, Event>) Event(Fact fact) : EventVariant(std::move(fact)) {}
    Event(const Event&);
    Event(Event&&) noexcept;
    Event& operator=(const Event&);
    Event& operator=(Event&&) noexcept;
    ~Event();

    friend bool operator==(const Event& a, const Event& b);
};

// `DeploymentDue` for a DeploymentDue: the name of its struct.
std::string_view type_name(const Event& event);

// The name of every type, in the order of EventVariant.
std::vector<std::string_view> event_type_names();

struct Actor {
    ActorKind kind = ActorKind::server;
    UserId user;        // nil unless kind is user
    std::string token;  // which token was shown; may be empty

    friend bool operator==(const Actor&, const Actor&) = default;
};
BOOST_DESCRIBE_STRUCT(Actor, (), (kind, user, token))

// Who, when, where: what every event carries beside what happened.
struct Envelope {
    Instant recorded_at;
    Uuid stream;             // the UUID of the object; nil is the server's own stream
    Version stream_version;  // place in the stream, from 1
    TeamId team;             // nil for the server's own events
    Actor actor;
    std::string request_id;              // may be empty
    std::string idempotency_key_digest;  // 32 bytes, or empty
    std::string traceparent;             // W3C Trace Context of the request; may be empty

    friend bool operator==(const Envelope&, const Envelope&) = default;
};

struct RecordedEvent {
    Position position;
    Envelope envelope;
    Event event;

    friend bool operator==(const RecordedEvent&, const RecordedEvent&) = default;
};

// The stream that `event` belongs to: the object that it is about. Nil is the server's own stream.
Uuid stream_of(const Event& event);

// The TypeID of that object, or "server".
std::string stream_text(const Event& event);

}  // namespace slipway
