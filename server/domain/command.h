// The commands: what somebody wants, in the imperative. Each is decided by one function (decide.h),
// into the events that happened or a rejection that says why not.

#pragma once

#include "eventlog/events/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

// ---- The server

struct ClaimInstallation {
    InstallationId installation;
    std::string host;
    ClaimReason reason = ClaimReason::first_start;
    // Of a log that was salvaged: what it lost.
    Position first_lost = {};
    Position last_lost = {};
};
struct HoldDispatch {
    std::string note;
};
struct ArmDispatch {
    std::string note;
};
// Somebody takes data of all teams out.
struct RecordExport {
    ExportKind what = ExportKind::log;
};
// Tokens of that user that exist now are not to be good any more.
struct RevokeUserTokens {
    UserId user;
    std::string note;
};
// Wall clocks are to be resolved with these rules from now on.
struct ChangeZoneRules {
    std::string version;
    std::string digest = {};  // see Zones
};
// Its wall clock, or that of what it is deployed for, may stand for another instant by the rules of
// the day than by those that it was resolved with.
struct ReresolveDueTime {
    ScheduleId schedule;
};

// ---- Teams

struct CreateTeam {
    std::string name;
    UserId owner;
};
struct AddMember {
    TeamId team;
    std::optional<UserId> user;  // nothing: a new user
    std::string name;
    Role role = Role::viewer;
};
struct ChangeMemberRole {
    TeamId team;
    UserId user;
    Role role = Role::viewer;
};
struct RemoveMember {
    TeamId team;
    UserId user;
};

// An admin who is no member looks at the team.
struct RecordTeamRead {
    TeamId team;
};

// The secret is made, shown and forgotten outside: only its digest comes in here.
struct InviteMember {
    TeamId team;
    std::string email;
    Role role = Role::viewer;
    std::uint32_t days = 7;
    std::string secret_sha256;
};
struct AcceptInvitation {
    std::string secret_sha256;
    UserId user;
    std::string name;
};
struct RevokeInvitation {
    TeamId team;
    InvitationId invitation;
};
struct IssueToken {
    TeamId team;
    std::string name;
    Role role = Role::viewer;
    std::uint32_t days = 365;
    std::string secret_sha256;
};
struct RevokeToken {
    TeamId team;
    TokenId token;
};

// The secret is sealed outside: in here nobody can read it.
struct StoreCredential {
    TeamId team;
    std::string name;
    CredentialKind kind = CredentialKind::bearer;
    std::string username;
    std::string header;
    std::string origin;  // any URL of it
    SealedSecret secret;
};
struct RotateCredential {
    TeamId team;
    CredentialId credential;
    SealedSecret secret;
};
struct ShredCredential {
    TeamId team;
    CredentialId credential;
    bool in_use_too = false;  // what names it will fail
};

// ---- Apps

struct CreateApp {
    AppDefinition definition;
};
// `definition` is the source's with the caller's fields laid over it. An empty name: one is made
// from the source's.
struct CloneApp {
    AppId source;
    AppDefinition definition;
};
struct ReviseApp {
    AppId app;
    AppDefinition definition;
};
struct ArchiveApp {
    AppId app;
    bool cancel_schedules = false;
};
struct RotateSigningSecret {
    AppId app;
};

// ---- Scheduled deployments

// The members of a request that say when, as JSON Pointers, for errors.
struct TimePointers {
    std::string date = "/year";
    std::string clock = "/hour";
    std::string timezone = "/timezone";
};

struct WallClock {
    LocalTime local;
    std::string timezone;  // as the client wrote it
    Disambiguation disambiguation = Disambiguation::compatible;
    // The UTC offset that stands behind the clock (RFC 9557): it must be in force then, and picks
    // one reading of an overlap.
    std::optional<Seconds> offset = {};
    // A Z stands behind the clock: `local` is what UTC shows, and the zone's wall clock follows.
    bool is_utc = false;
    TimePointers pointers = {};
};

inline constexpr std::uint32_t kLeadSecondsDefault = 15 * 60;

struct Dependency {
    AppId app;
    std::uint32_t lead_seconds = kLeadSecondsDefault;
    std::vector<Dependency> dependencies;
    std::string pointer;  // where the request names the app, for errors: /dependency/0/app
};

struct ScheduleDeployment {
    AppId app;
    WallClock at;
    std::vector<Dependency> dependencies;
    bool latest_version = false;  // run the app as it is when due, not as it is now
    Policies policies;
    std::string note;
    Labels labels;
};
struct RescheduleDeployment {
    ScheduleId schedule;
    std::optional<WallClock> at;  // nothing: the time stays
    Policies policies;
    std::string note;
    Labels labels;
};
struct CancelDeployment {
    ScheduleId schedule;
    std::string note;
};
// With what is only there for it, unless `keeps_dependencies`.
struct HoldDeployment {
    ScheduleId schedule;
    std::string note;
    bool keeps_dependencies = false;
};
struct ReleaseDeployment {
    ScheduleId schedule;
    std::string note;
};
// A dependency that a person holds keeps it from running, unless it is `to_release_held`.
struct RunNow {
    ScheduleId schedule;
    bool to_release_held = false;
};

// The timer's: the instant came at which this one must be looked at.
struct Wake {
    ScheduleId schedule;
};

// ---- Deployments

struct RequestDeployment {
    AppId app;
    Policies policies;
    std::string note;
    Labels labels;
};
struct StartAttempt {
    DeploymentId deployment;
    // The pause before it is over by a clock that is never set; else the wall clock decides.
    bool waited = false;
};

enum class AttemptOutcome : std::uint8_t {
    succeeded,
    accepted,   // the end will be reported later
    retryable,  // it did not work, and another try may
    failed,     // it did not work, and no other try will
};

struct RecordOutcome {
    DeploymentId deployment;
    Position token;  // of the attempt that it is about
    AttemptOutcome outcome = AttemptOutcome::succeeded;
    AttemptCause cause = AttemptCause::answered;
    std::uint32_t http_status = 0;
    bool sent = true;  // the target may have seen it
    std::optional<Seconds> retry_after;
    std::string reference;
    std::string detail;
};
// The process ended while an attempt was under way: find out, before anything is sent again.
struct ReconcileInterrupted {
    DeploymentId deployment;
};
// The target or a person reports how it ended.
struct CompleteDeployment {
    DeploymentId deployment;
    bool succeeded = true;
    std::string detail;
};
struct AbortDeployment {
    DeploymentId deployment;
    std::string note;
};

using Command =
    std::variant<ClaimInstallation, HoldDispatch, ArmDispatch, CreateTeam, AddMember,
                 ChangeMemberRole, RemoveMember, InviteMember, AcceptInvitation, RevokeInvitation,
                 IssueToken, RevokeToken, StoreCredential, RotateCredential, ShredCredential,
                 RecordExport, CreateApp, CloneApp, ReviseApp, ArchiveApp, RotateSigningSecret,
                 ScheduleDeployment, RescheduleDeployment, CancelDeployment, HoldDeployment,
                 ReleaseDeployment, RunNow, Wake, RequestDeployment, StartAttempt, RecordOutcome,
                 ReconcileInterrupted, CompleteDeployment, AbortDeployment, ChangeZoneRules,
                 ReresolveDueTime, RevokeUserTokens, RecordTeamRead>;

}  // namespace slipway
