#include "tests/eventlog/events/golden_events.h"

#include "eventlog/base/digest.h"

#include <fstream>
#include <utility>

namespace slipway {

namespace {

template <class Id>
Id id(std::uint64_t number) {
    return Id{Uuid{0x0190a1b2c3d47000ULL + number, 0x8000000000000000ULL + number}};
}

const ScheduleId kSchedule = id<ScheduleId>(1);
const DeploymentId kDeployment = deployment_of(kSchedule);
const AppId kApp = id<AppId>(2);
const TeamId kTeam = id<TeamId>(3);
const UserId kUser = id<UserId>(4);
const ScheduleId kOther = id<ScheduleId>(5);
const Instant kDue = Instant{Millis{1'802'246'400'123}};

AppDefinition definition() {
    return {.name = "shop",
            .description = "The shop, café included",
            .labels = {{"owner", "web"}, {"tier", "1"}},
            .environment = "production",
            .infrastructure = {.provider = Provider::kubernetes,
                               .region = "eu-central-1",
                               .containers = {{.name = "web",
                                               .image = "registry.example/shop:4.2",
                                               .cpu_millis = 500,
                                               .memory_mib = 1024,
                                               .ports = {80, 443},
                                               .env = {{"MODE", "live"}},
                                               .replicas = 3},
                                              {.name = "worker", .image = "shop-worker"}}},
            .target = {.kind = TargetKind::webhook,
                       .url = "https://deploy.example/hook",
                       .timeout_seconds = 20,
                       .completion_timeout_seconds = 1800}};
}

PlannedTime planned() {
    return {.wall_clock = LocalTime{Seconds{1'802'228'400}},
            .original_timezone = "US/Eastern",
            .timezone = "America/New_York",
            .disambiguation = Disambiguation::later,
            .due_at = kDue,
            .resolution = Resolution::overlap_later,
            .utc_offset_seconds = Seconds{-18'000},
            .tzdb_version = "2025b"};
}

Policies policies() {
    return {.on_dependency_failure = DependencyFailurePolicy::proceed,
            .dependency_timeout_seconds = 7200,
            .misfire_grace_seconds = 60,
            .misfire_then = MisfireAction::run,
            .retry_max_attempts = 5,
            .retry_backoff_seconds = 1,
            .retry_max_backoff_seconds = 30};
}

std::vector<Event> of_the_server_and_teams() {
    return {InstallationClaimed{id<InstallationId>(6), "host-1", ClaimReason::moved},
            DispatchHeld{DispatchReason::restored, "restored from a copy"},
            DispatchArmed{"checked"},
            TeamCreated{kTeam, "Platform", kUser},
            MemberAdded{kTeam, kUser, "Ada", Role::deployer},
            MemberRoleChanged{kTeam, kUser, Role::owner},
            MemberRemoved{kTeam, kUser}};
}

std::vector<Event> of_apps() {
    return {AppCreated{kApp, definition()}, AppCloned{kApp, definition(), id<AppId>(7), Version{9}},
            AppRevised{kApp, definition()}, AppArchived{kApp}, SigningSecretRotated{kApp, 2}};
}

std::vector<Event> of_schedules() {
    return {DeploymentScheduled{.schedule = kSchedule,
                                .app = kApp,
                                .app_version = Version{3},
                                .time = planned(),
                                .parent = kOther,
                                .lead_seconds = 300,
                                .lead_shortened = true,
                                .policies = policies(),
                                .note = "spring sale",
                                .labels = {{"ticket", "OPS-7"}}},
            DeploymentRescheduled{kSchedule, planned(), true},
            DeploymentTermsRevised{kSchedule, policies(), "later", {{"ticket", "OPS-8"}}},
            DeploymentHeld{kSchedule, HoldReason::dependency_failed, "look first", kOther},
            DeploymentReleased{kSchedule, ReleaseReason::run_now, "go"},
            DeploymentExpedited{kSchedule, kDue, kOther},
            DependencyAwaited{kSchedule, kOther, kDue},
            DeploymentCancelled{kSchedule, CancelReason::parent_cancelled, "not today", kOther},
            DeploymentMissed{kSchedule, Millis{1'234'567}, MisfireAction::hold},
            DeploymentSkipped{kSchedule, kOther}};
}

std::vector<Event> of_deployments() {
    return {DeploymentRequested{kDeployment, kApp, policies(), "hotfix", {{"by", "hand"}}},
            DeploymentDue{kDeployment, kDue, kDue + Millis{7}, Version{3}},
            AttemptStarted{kDeployment, 1, "https://deploy.example/hook", kDue},
            AttemptAccepted{kDeployment, 1, "run-42", kDue},
            AttemptFailed{kDeployment, 1, AttemptCause::timed_out, 503, "no answer", kDue},
            OutcomeUnknown{kDeployment, 2, AttemptCause::connection_lost, "reset"},
            OutcomeReconciled{kDeployment, 2, Verdict::succeeded, "asked the target"},
            DeploymentSucceeded{kDeployment, 3, 204, "done"},
            DeploymentFailed{kDeployment, 3, AttemptCause::reported, 500, "rolled back"},
            DeploymentAborted{kDeployment, "by hand"}};
}

std::vector<Event> of_identity() {
    const std::string digest = hex_of(bytes_of(sha256("secret")));
    return {
        MemberInvited{kTeam, id<InvitationId>(8), "ada@example.org", Role::deployer, kDue, digest},
        InvitationAccepted{kTeam, id<InvitationId>(8), kUser},
        InvitationRevoked{kTeam, id<InvitationId>(8)},
        TokenIssued{kTeam, id<TokenId>(9), "pipeline", Role::deployer, kDue, digest},
        TokenRevoked{kTeam, id<TokenId>(9)},
        DataExported{ExportKind::backup}};
}

std::vector<Event> of_people() {
    return {UserTokensRevoked{id<UserId>(3), kDue, "left the company"},
            TeamReadByAdmin{id<UserId>(3), kTeam}};
}

std::vector<Event> of_credentials() {
    const CredentialId credential = id<CredentialId>(10);
    const SealedSecret secret{"0123456789abcdef0123456789abcdef", "c2VhbGVk"};
    return {CredentialStored{.team = kTeam,
                             .credential = credential,
                             .name = "deploy hook",
                             .kind = CredentialKind::header,
                             .username = {},
                             .header = "X-Api-Key",
                             .origin = "https://deploy.example:443",
                             .secret = secret},
            CredentialRotated{kTeam, credential, secret}, CredentialShredded{kTeam, credential}};
}

std::vector<Event> of_zone_rules() {
    return {ZoneRulesChanged{"2026f", "2027a", ""},
            DueTimeReresolved{.schedule = kSchedule,
                              .old_due_at = kDue,
                              .due_at = kDue - std::chrono::hours{1},
                              .wall_clock = LocalTime{Seconds{1'802'228'400}},
                              .resolution = Resolution::gap_shifted,
                              .utc_offset_seconds = Seconds{-14'400},
                              .tzdb_version = "2027a"}};
}

// Types that have gained fields since their first event was written.
std::vector<Event> of_later_fields() {
    return {ZoneRulesChanged{"2026f", "2026f+9f86d081884c", hex_of(bytes_of(sha256("rules")))},
            DueTimeReresolved{.schedule = kSchedule,
                              .old_due_at = kDue,
                              .due_at = kDue - std::chrono::hours{1},
                              .wall_clock = LocalTime{Seconds{1'802'228'400}},
                              .resolution = Resolution::exact,
                              .utc_offset_seconds = Seconds{3'600},
                              .tzdb_version = "2027a",
                              .timezone = "Europe/Oslo"},
            DeploymentDue{kDeployment, kDue, kDue + Millis{7}, Version{3},
                          kDue + std::chrono::hours{24}}};
}

Envelope envelope_of(const Event& event) {
    return {.recorded_at = kDue,
            .stream = stream_of(event),
            .stream_version = Version{12},
            .team = stream_of(event).is_nil() ? TeamId{} : kTeam,
            .actor = {ActorKind::user, kUser, "tok_7"},
            .request_id = "request-1",
            .idempotency_key_digest = std::string{bytes_of(sha256("key"))},
            .traceparent = {}};
}

}  // namespace

std::vector<RecordedEvent> golden_events() {
    std::vector<RecordedEvent> golden;
    for (auto&& part : {of_the_server_and_teams(), of_apps(), of_schedules(), of_deployments(),
                        of_identity(), of_credentials(), of_zone_rules(), of_people()}) {
        for (const Event& event : part) {
            golden.push_back({Position{golden.size() + 1}, envelope_of(event), event});
        }
    }
    return golden;
}

std::vector<GoldenEvent> all_golden_events() {
    std::vector<GoldenEvent> golden;
    for (const RecordedEvent& recorded : golden_events()) {
        golden.push_back({recorded, std::string{type_name(recorded.event)} + ".v1.hex"});
    }
    for (const Event& event : of_later_fields()) {
        golden.push_back({{Position{golden.size() + 1}, envelope_of(event), event},
                          std::string{type_name(event)} + ".v1.2.hex"});
    }
    return golden;
}

std::string golden_bytes(const std::string& name) {
    std::ifstream file{SLIPWAY_GOLDEN_DIR "/" + name};
    std::string bytes;
    for (std::string line; std::getline(file, line);) {
        for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
            bytes += static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16));
        }
    }
    return bytes;
}

std::string lines_of_hex(const std::string& bytes) {
    std::string lines;
    for (std::size_t i = 0; i < bytes.size(); i += 32) {
        lines += hex_of(std::string_view{bytes}.substr(i, 32)) + '\n';
    }
    return lines;
}

}  // namespace slipway
