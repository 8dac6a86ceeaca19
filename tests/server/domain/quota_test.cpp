// Nobody makes more than a quota allows of what stays in memory.

#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

Quotas with(std::uint64_t Quotas::*limit, std::uint64_t value) {
    Quotas quotas;
    quotas.*limit = value;
    return quotas;
}

ScheduleDeployment plan(const std::string& note = {}) {
    ScheduleDeployment command;
    command.app = kApi;
    command.at = utc_clock(kNoon + 24h);
    command.note = note;
    return command;
}

AppDefinition large(const std::string& name, std::size_t bytes) {
    AppDefinition made = definition(name);
    Container container;
    container.name = "web";
    container.image = "web:1";
    for (std::size_t i = 0; i * 8'000 < bytes; ++i) {
        container.env["V" + std::to_string(i)] = std::string(8'000, 'x');
    }
    made.infrastructure.containers = {container};
    return made;
}

void expect_quota(const Scenario& story, std::uint64_t limit, std::uint64_t value,
                  const std::string& setting) {
    ASSERT_TRUE(story.was_rejected() && story.rejection().quota);
    EXPECT_EQ(story.rejection().quota->limit, limit);
    EXPECT_EQ(story.rejection().quota->value, value);
    EXPECT_EQ(story.rejection().quota->setting, setting);
}

TEST(Quota, OfTeamsCountsThoseThatTheUserCreatedWhoeverOwnsThemNow) {
    Scenario story{kNoon};
    story.quotas(with(&Quotas::teams_per_user, 2))
        .when(CreateTeam{"second", kAlice})
        .when(AddMember{made<TeamId>(1), kBob, {}, Role::owner})
        .when(RemoveMember{made<TeamId>(1), kAlice})
        .when(CreateTeam{"third", kAlice})
        .then_rejected(RejectionCode::quota_exceeded, "--user-teams-max");
    expect_quota(story, 2, 3, "--user-teams-max");
    story.when(CreateTeam{"first of another", kBob}).then_status({});
}

TEST(Quota, OfMembersAndMembershipsHoldsForInvitationsToo) {
    Scenario{kNoon}
        .quotas(with(&Quotas::members, 1))
        .when(AddMember{kOps, kBob, {}, Role::viewer})
        .then_rejected(RejectionCode::quota_exceeded, "--team-members-max")
        .when(InviteMember{kOps, {}, Role::viewer, 7, "digest"})
        .when(AcceptInvitation{"digest", kBob, {}})
        .then_rejected(RejectionCode::quota_exceeded, "--team-members-max")
        .quotas(with(&Quotas::memberships_per_user, 1))
        .when(AddMember{kOps, kMallory, {}, Role::viewer})
        .then_rejected(RejectionCode::quota_exceeded, "--user-memberships-max")
        .when(AddMember{kOps, {}, "somebody new", Role::viewer})
        .then_status({});
}

TEST(Quota, OfInvitationsTokensAndCredentialsIsFreedByTakingThemBack) {
    Quotas quotas;
    quotas.invitations = quotas.tokens = quotas.credentials = 1;
    StoreCredential store;
    store.team = kOps;
    store.name = "one";
    store.origin = "https://example.com";
    StoreCredential other = store;
    other.name = "two";
    Scenario{kNoon}
        .quotas(quotas)
        .when(InviteMember{kOps, {}, Role::viewer, 7, "a"})
        .when(InviteMember{kOps, {}, Role::viewer, 7, "b"})
        .then_rejected(RejectionCode::quota_exceeded, "--team-invitations-max")
        .when(RevokeInvitation{kOps, made<InvitationId>(1)})
        .when(InviteMember{kOps, {}, Role::viewer, 7, "c"})
        .when(IssueToken{kOps, "ci", Role::viewer, 7, "d"})
        .when(IssueToken{kOps, "ci", Role::viewer, 7, "e"})
        .then_rejected(RejectionCode::quota_exceeded, "--team-tokens-max")
        .when(store)
        .when(other)
        .then_rejected(RejectionCode::quota_exceeded, "--team-credentials-max");
}

TEST(Quota, OfAppsIsFreedByArchiving) {
    Scenario{kNoon}
        .quotas(with(&Quotas::apps, 3))
        .when(CreateApp{definition("fourth")})
        .then_rejected(RejectionCode::quota_exceeded, "--team-apps-max")
        .when(CloneApp{kApi, definition("fourth")})
        .then_rejected(RejectionCode::quota_exceeded, "--team-apps-max")
        .when(ArchiveApp{kUi})
        .when(CreateApp{definition("fourth")})
        .then_status({});
}

TEST(Quota, OfDefinitionsCountsVersionsThatSomethingOpenIsPinnedTo) {
    Scenario story{kNoon};
    story.quotas(with(&Quotas::definitions_mib, 1));
    // Nothing is pinned to these: each takes the place of the one before.
    for (int i = 0; i < 100; ++i) {
        story.when(ReviseApp{kApi, large("api-" + std::to_string(i), 50'000)});
        ASSERT_FALSE(story.was_rejected());
    }
    int revisions = 0;
    while (!story.was_rejected() && revisions < 100) {
        story.when(plan());
        story.when(ReviseApp{kApi, large("pinned-" + std::to_string(++revisions), 50'000)});
    }
    story.then_rejected(RejectionCode::quota_exceeded, "--team-definitions-mib-max");
    EXPECT_GT(revisions, 15);
    EXPECT_LT(revisions, 21);
    // What makes it smaller is taken, also at the bound and beyond a bound that was lowered.
    story.when(ArchiveApp{kUi}).quotas(with(&Quotas::definitions_mib, 0));
    story.when(CancelDeployment{story.state().schedules().at(0).id, {}}).then_status({});
}

TEST(Quota, OfDefinitionsTakesWhatMakesAnAppSmaller) {
    Scenario{kNoon}
        .when(ReviseApp{kApi, large("api", 50'000)})
        .quotas(with(&Quotas::definitions_mib, 0))
        .when(ReviseApp{kApi, large("api", 20'000)})
        .then({AppRevised{kApi, large("api", 20'000)}})
        .when(ReviseApp{kApi, large("api", 50'000)})
        .then_rejected(RejectionCode::quota_exceeded);
}

TEST(Quota, OfPendingCountsDependenciesAndWhatIsUnderWay) {
    ScheduleDeployment two = plan();
    two.dependencies = {{kDb, 900, {}, "/dependency"}};
    Scenario story{kNoon};
    story.quotas(with(&Quotas::pending, 3)).when(two).when(two);
    story.then_rejected(RejectionCode::quota_exceeded, "--team-pending-max");
    expect_quota(story, 3, 4, "--team-pending-max");
    story.when(RequestDeployment{kApi, {}, {}, {}})
        .when(RequestDeployment{kApi, {}, {}, {}})
        .then_rejected(RejectionCode::quota_exceeded, "--team-pending-max")
        .when(AbortDeployment{made<DeploymentId>(3), {}})
        .when(RequestDeployment{kApi, {}, {}, {}})
        .then_status({});
}

TEST(Quota, OfTextsHoldsForEachWayToWriteOne) {
    Scenario story{kNoon};
    story.quotas(with(&Quotas::texts_mib, 1));
    int made = 0;
    while (!story.was_rejected() && made < 2'000) {
        story.when(plan(std::string(1'900, 'x')));
        ++made;
    }
    story.then_rejected(RejectionCode::quota_exceeded, "--team-texts-mib-max");
    EXPECT_GT(made, 300);
    const ScheduleId first = story.state().schedules().at(0).id;
    const std::string note(2'000, 'y');
    RescheduleDeployment longer{first, {}, {}, note, {}};
    for (int i = 0; i < 30; ++i) longer.labels["label " + std::to_string(i)] = note.substr(0, 200);
    story.when(HoldDeployment{first, note})
        .then_rejected(RejectionCode::quota_exceeded)
        .when(longer)
        .then_rejected(RejectionCode::quota_exceeded)
        .when(RequestDeployment{kApi, {}, note, {}})
        .then_rejected(RejectionCode::quota_exceeded)
        .when(CancelDeployment{first, note})
        .then_status({{first, ScheduleStatus::cancelled}});
}

TEST(Quota, OfMemoryHoldsForAllTeamsOfAUserAndForAll) {
    Scenario story{kNoon};
    story.when(CreateTeam{"second", kAlice}).quotas(with(&Quotas::mib_per_user, 1));
    int made = 0;
    while (!story.was_rejected() && made < 100) {
        story.as(kAlice, made % 2 == 0 ? kOps : slipway::made<TeamId>(1));
        story.when(CreateApp{large("app-" + std::to_string(++made), 50'000)});
    }
    story.then_rejected(RejectionCode::quota_exceeded, "--user-mib-max");
    EXPECT_GT(made, 15);
    story.as(kMallory, kRivals).when(CreateApp{large("more", 50'000)}).then_status({});
    story.quotas(with(&Quotas::mib, 1))
        .when(CreateApp{large("yet-more", 50'000)})
        .then_rejected(RejectionCode::quota_exceeded, "--memory-mib-max");
}

StoreCredential stored(const std::string& name, std::size_t bytes) {
    StoreCredential store;
    store.team = kOps;
    store.name = name;
    store.origin = "https://example.com";
    store.secret.ciphertext = std::string(bytes, 'x');
    return store;
}

TEST(Quota, OfMemoryHoldsForEachEntryOfATeam) {
    for (const auto limit : {&Quotas::mib, &Quotas::mib_per_user}) {
        Scenario{kNoon}
            .when(InviteMember{kOps, {}, Role::viewer, 7, "before"})
            .quotas(with(limit, 0))
            .when(CreateTeam{"second", kAlice})
            .then_rejected(RejectionCode::quota_exceeded)
            .when(AddMember{kOps, {}, "somebody new", Role::viewer})
            .then_rejected(RejectionCode::quota_exceeded)
            .when(InviteMember{kOps, {}, Role::viewer, 7, "digest"})
            .then_rejected(RejectionCode::quota_exceeded)
            .when(IssueToken{kOps, "ci", Role::viewer, 7, "digest"})
            .then_rejected(RejectionCode::quota_exceeded)
            .when(stored("registry", 100))
            .then_rejected(RejectionCode::quota_exceeded)
            // The invitation that it takes the place of is no smaller.
            .when(AcceptInvitation{"before", kBob, {}})
            .then_status({});
    }
}

TEST(Quota, OfMemoryIsReachedByCredentialsAndFreedByTakingThemBack) {
    Scenario story{kNoon};
    const std::uint64_t before = bytes_of(story.state(), kOps);
    story.quotas(with(&Quotas::mib_per_user, 1));
    std::vector<CredentialId> made;
    while (!story.was_rejected() && made.size() < 1'000) {
        story.when(stored("credential " + std::to_string(made.size()), 4'000));
        if (story.was_rejected()) break;
        made.push_back(std::get<CredentialStored>(story.decided().front()).credential);
    }
    story.then_rejected(RejectionCode::quota_exceeded, "--user-mib-max");
    EXPECT_GT(made.size(), 150U);
    EXPECT_LT(made.size(), 260U);
    // A secret that leaked is replaced also at the bound.
    story.when(RotateCredential{kOps, made.front(), stored("", 4'096).secret}).then_status({});
    for (const CredentialId id : made) story.when(ShredCredential{kOps, id});
    EXPECT_EQ(bytes_of(story.state(), kOps), before);
}

TEST(Quota, OfMemoryCountsTheAttemptsOfWhatIsUnderWay) {
    Policies policies;
    policies.retry_max_attempts = 100;
    policies.retry_backoff_seconds = 0;
    Scenario story{kNoon};
    const std::uint64_t before = bytes_of(story.state(), kOps);
    story.given({scheduled(kRoot, kApi, kNoon, {.policies = policies}), due(kRoot, kNoon, kNoon)});
    RecordOutcome failed = answer(AttemptOutcome::retryable, 503);
    failed.detail = std::string(500, 'x');
    std::uint64_t used = bytes_of(story.state(), kOps);
    for (int i = 0; i < 20; ++i) {
        story.when_started(kRoot).when_answered(kRoot, failed);
        EXPECT_GT(bytes_of(story.state(), kOps), used);
        used = bytes_of(story.state(), kOps);
    }
    EXPECT_EQ(bytes_of_all(story.state()), used + bytes_of(story.state(), kRivals));
    // Nothing new is taken, and what was taken goes on.
    story.quotas(with(&Quotas::mib_per_user, 0))
        .when(plan())
        .then_rejected(RejectionCode::quota_exceeded, "--user-mib-max")
        .when_started(kRoot)
        .then_status({{kRoot, ScheduleStatus::running}})
        .when_answered(kRoot, answer(AttemptOutcome::succeeded, 200))
        .then_status({{kRoot, ScheduleStatus::succeeded}});
    EXPECT_EQ(bytes_of(story.state(), kOps), before);
}

TEST(Quota, OfRevokedUsersRefusesOnlyOneMore) {
    Scenario story{kNoon};
    story.quotas(with(&Quotas::revoked_users, 1))
        .when(RevokeUserTokens{kBob, {}})
        .when(RevokeUserTokens{kMallory, {}})
        .then_rejected(RejectionCode::quota_exceeded, "--revoked-users-max");
    expect_quota(story, 1, 2, "--revoked-users-max");
    story.when(RevokeUserTokens{kBob, "again"}).then_status({});
    EXPECT_FALSE(story.was_rejected());
}

TEST(Quota, ThatOthersFilledKeepsNobodyFromHoldingAndReleasing) {
    const std::string reason(2'000, 'y');
    for (const auto limit : {&Quotas::mib, &Quotas::mib_per_user}) {
        Scenario{kNoon}
            .given({scheduled(kRoot, kApi, kNoon + 1h)})
            .quotas(with(limit, 0))
            .when(RescheduleDeployment{kRoot, {}, {}, reason, {}})
            .then_rejected(RejectionCode::quota_exceeded)
            .when(HoldDeployment{kRoot, "freeze"})
            .then({DeploymentHeld{kRoot, HoldReason::by_user, "freeze", {}}})
            .when(ReleaseDeployment{kRoot, reason})
            .then({DeploymentReleased{kRoot, ReleaseReason::by_user, reason}})
            .when(CancelDeployment{kRoot, reason})
            .then_status({{kRoot, ScheduleStatus::cancelled}});
    }
}

TEST(Quota, HasAnOptionAndANameOfItsOwn) {
    Quotas none{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (const Quota& quota : kQuotas) {
        EXPECT_EQ(none.*quota.limit, 0U) << quota.name;
        none.*quota.limit = 1;
        EXPECT_TRUE(quota.setting.starts_with("--") && quota.setting.ends_with("-max"));
    }
    const auto uses = highest_use(Scenario{kNoon}.state());
    EXPECT_EQ(uses[7], 3U) << "the apps of the team that has the most";
}

}  // namespace
}  // namespace slipway
