#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {

using namespace std::chrono_literals;
namespace {

constexpr auto kMade = made<AppId>(1);

// `definition` with its name left out, as a clone may have it.
AppDefinition nameless(AppDefinition from) {
    from.name.clear();
    return from;
}

TEST(CreateApp, RegistersIt) {
    Scenario{kNoon}
        .when(CreateApp{definition("cache")})
        .then({AppCreated{kMade, definition("cache")}});
}

TEST(CreateApp, WithANameThatIsTakenIsRejected) {
    Scenario{kNoon}
        .when(CreateApp{definition("api")})
        .then_rejected(RejectionCode::app_name_taken)
        .then_rejected_fields({{"/name", RejectionCode::app_name_taken}});
}

TEST(CreateApp, WithTheNameOfAnotherTeamsOrOfAnArchivedAppIsAccepted) {
    Scenario{kNoon}
        .when(ArchiveApp{kDb})
        .when(CreateApp{definition("db")})
        .then({AppCreated{kMade, definition("db")}})
        .as(kMallory, kRivals)
        .when(CreateApp{definition("ui")})
        .then({AppCreated{made<AppId>(2), definition("ui")}});
}

TEST(CreateApp, NamesEveryBadField) {
    AppDefinition bad = definition("");
    bad.description = std::string(2'001, 'x');
    bad.target.url = "ftp://example.com";
    bad.target.timeout_seconds = 0;
    Container container;
    container.name = "web";
    container.ports = {0};
    bad.infrastructure.containers = {container};
    Scenario{kNoon}
        .when(CreateApp{bad})
        .then_rejected_fields(
            {{"/name", RejectionCode::invalid_field},
             {"/description", RejectionCode::invalid_field},
             {"/infrastructure/containers/0/image", RejectionCode::invalid_field},
             {"/infrastructure/containers/0/ports/0", RejectionCode::invalid_field},
             {"/target/url", RejectionCode::invalid_field},
             {"/target/timeout_seconds", RejectionCode::invalid_field}});
}

TEST(CreateApp, WithATargetThatNamesNoHostIsRejected) {
    AppDefinition nowhere = definition("nowhere");
    for (const auto* const url :
         {"https://", "https:///deploy", "https://:443/deploy", "https://?a"}) {
        nowhere.target.url = url;
        Scenario{kNoon}
            .when(CreateApp{nowhere})
            .then_rejected_fields({{"/target/url", RejectionCode::invalid_field}});
    }
}

TEST(CreateApp, WithANameThatChangesHowOthersAreShownIsRejected) {
    AppDefinition shown = definition("shown");
    for (const auto* const name :
         {"a\xE2\x80\xAE", "a\xE2\x80\xA8", "\xE2\x81\xA6", "\xE2\x80\xAA"}) {
        shown.name = name;
        Scenario{kNoon}
            .when(CreateApp{shown})
            .then_rejected(RejectionCode::invalid_field, "overrides of direction");
    }
    // A joiner is a part of names.
    shown.name = "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80";
    Scenario{kNoon}.when(CreateApp{shown}).then({AppCreated{made<AppId>(1), shown}});
}

TEST(CloneApp, NamesTheSourceAndItsVersion) {
    Scenario{kNoon}
        .when(ReviseApp{kApi, definition("api-two")})
        .when(CloneApp{kApi, definition("copy")})
        .then({AppCloned{kMade, definition("copy"), kApi, Version{2}}});
}

TEST(CloneApp, WithoutANameMakesOneThatIsFree) {
    Scenario story{kNoon};
    for (const std::string name : {"api-clone", "api-clone-2", "api-clone-3"}) {
        story.when(CloneApp{kApi, nameless(definition("api"))});
        EXPECT_EQ(std::get<AppCloned>(story.decided().at(0)).definition.name, name);
    }
}

TEST(CloneApp, WithANameThatIsTakenIsRejected) {
    Scenario{kNoon}
        .when(CloneApp{kApi, definition("db")})
        .then_rejected(RejectionCode::app_name_taken);
}

TEST(CloneApp, OfAnotherTeamsAppIsNotFound) {
    Scenario{kNoon}
        .when(CloneApp{kForeign, definition("copy")})
        .then_rejected(RejectionCode::app_not_found);
}

TEST(CloneApp, OfAnArchivedAppIsAccepted) {
    Scenario{kNoon}
        .when(ArchiveApp{kApi})
        .when(CloneApp{kApi, definition("copy")})
        .then({AppCloned{kMade, definition("copy"), kApi, Version{1}}});
}

TEST(ReviseApp, MakesTheNextVersion) {
    Scenario story{kNoon};
    story.when(ReviseApp{kApi, definition("api-two")})
        .then({AppRevised{kApi, definition("api-two")}})
        .when(ReviseApp{kApi, definition("api-two")})
        .then_nothing();
    EXPECT_EQ(story.state().apps().find(kApi)->version, Version{2});
    EXPECT_EQ(story.state().apps().find(kApi)->definition(), definition("api-two"));
    EXPECT_EQ(story.state().apps().find(kApi)->find_definition(Version{1}), nullptr);
    EXPECT_EQ(story.state().apps().find(kOps, "api"), nullptr);
}

TEST(ReviseApp, WithANameThatIsTakenIsRejected) {
    Scenario{kNoon}
        .when(ReviseApp{kApi, definition("db")})
        .then_rejected(RejectionCode::app_name_taken);
}

TEST(ReviseApp, OfAnotherTeamsOrAnArchivedAppIsRejected) {
    Scenario{kNoon}
        .when(ReviseApp{kForeign, definition("mine")})
        .then_rejected(RejectionCode::app_not_found)
        .when(ArchiveApp{kApi})
        .when(ReviseApp{kApi, definition("api-two")})
        .then_rejected(RejectionCode::app_is_archived);
}

TEST(ArchiveApp, EndsItOnce) {
    Scenario{kNoon}
        .when(ArchiveApp{kApi})
        .then({AppArchived{kApi}})
        .when(ArchiveApp{kApi})
        .then_nothing()
        .when(RotateSigningSecret{kApi})
        .then_rejected(RejectionCode::app_is_archived);
}

TEST(ArchiveApp, WithPendingSchedulesIsRejectedAndCountsThem) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon + 1h), scheduled(kFirst, kApi, kNoon + 2h)})
        .when(ArchiveApp{kApi})
        .then_rejected(RejectionCode::app_has_pending_schedules,
                       "2 scheduled deployments of the app are pending");
}

TEST(ArchiveApp, CancelsWhatIsPendingIfThatIsWanted) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(ArchiveApp{kApi, true})
        .then({DeploymentCancelled{kRoot, CancelReason::app_archived, {}, kRoot},
               DeploymentCancelled{kFirst, CancelReason::parent_cancelled, {}, kRoot},
               AppArchived{kApi}});
}

TEST(ArchiveApp, OfADependencyOfAnotherAppIsRejected) {
    Scenario{kNoon}
        .given(pair(kNoon + 1h))
        .when(ArchiveApp{kDb, true})
        .then_rejected(RejectionCode::is_a_dependency, kRoot.text());
}

TEST(ArchiveApp, LeavesWhatIsUnderWayToItsEnd) {
    Scenario{kNoon}
        .given({scheduled(kRoot, kApi, kNoon)})
        .when_timer_ticks()
        .when(ArchiveApp{kApi})
        .when_deployed(kRoot)
        .then_status({{kRoot, ScheduleStatus::succeeded}});
}

TEST(RotateSigningSecret, CountsTheGenerations) {
    Scenario story{kNoon};
    story.when(RotateSigningSecret{kApi})
        .then({SigningSecretRotated{kApi, 2}})
        .when(RotateSigningSecret{kApi})
        .then({SigningSecretRotated{kApi, 3}});
    EXPECT_EQ(story.state().apps().find(kApi)->definition_version(), Version{1});
}

}  // namespace
}  // namespace slipway
