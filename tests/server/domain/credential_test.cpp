#include "tests/support/scenario.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

const CredentialId kCredential = made<CredentialId>(1);
const SealedSecret kSealed{"0a.1", "c2VhbGVk"};
const SealedSecret kSealedAnew{"0a.2", "YW5ldw"};

StoreCredential store() {
    return {kOps, "hook", CredentialKind::bearer, "", "", "https://Deploy.example:443/", kSealed};
}
CredentialStored stored() {
    return {kOps,   kCredential, "hook", CredentialKind::bearer, "", "", "https://deploy.example",
            kSealed};
}

AppDefinition naming(CredentialId id, const std::string& url = "https://deploy.example/api") {
    AppDefinition named = definition("with-credential");
    named.target.url = url;
    named.target.credential = id;
    return named;
}

TEST(StoreCredential, RecordsItSealedAndForItsOrigin) {
    Scenario{kNoon}.when(store()).then({stored()});
}

TEST(StoreCredential, NamesEveryBadField) {
    StoreCredential bad = store();
    bad.name = "";
    bad.username = "ci";
    bad.header = "X-Key";
    bad.origin = "https://deploy.example/path";
    Scenario{kNoon}.when(bad).then_rejected_fields({{"/name", RejectionCode::invalid_field},
                                                    {"/username", RejectionCode::invalid_field},
                                                    {"/header", RejectionCode::invalid_field},
                                                    {"/origin", RejectionCode::invalid_field}});
}

TEST(StoreCredential, OfAKindWantsWhatTheKindNeeds) {
    StoreCredential basic = store();
    basic.kind = CredentialKind::basic;
    basic.username = "a:b";
    StoreCredential header = store();
    header.kind = CredentialKind::header;
    for (const auto* const name : {"", "Host", "webhook-Signature", "a b", "n\xC3\xA4me"}) {
        header.header = name;
        Scenario{kNoon}.when(header).then_rejected_fields(
            {{"/header", RejectionCode::invalid_field}});
    }
    Scenario{kNoon}.when(basic).then_rejected_fields({{"/username", RejectionCode::invalid_field}});
}

TEST(StoreCredential, WithANameThatIsTakenIsRejected) {
    Scenario{kNoon}
        .given({stored()})
        .when(store())
        .then_rejected(RejectionCode::credential_name_taken);
}

TEST(CreateApp, NamesACredentialOfItsTeamForItsOrigin) {
    Scenario{kNoon}
        .given({stored()})
        .when(CreateApp{naming(kCredential)})
        .then({AppCreated{made<AppId>(1), naming(kCredential)}});
}

TEST(CreateApp, WithACredentialOfAnotherOriginIsRejected) {
    for (const auto* const url :
         {"https://evil.example/", "http://deploy.example/", "https://deploy.example:8443/",
          "https://deploy.example.evil.example/"}) {
        Scenario{kNoon}
            .given({stored()})
            .when(CreateApp{naming(kCredential, url)})
            .then_rejected_fields({{"/target/credential", RejectionCode::invalid_field}});
    }
    Scenario{kNoon}
        .given({stored()})
        .when(CreateApp{naming(kCredential, "https://deploy.example\\.evil.example/")})
        .then_rejected_fields({{"/target/url", RejectionCode::invalid_field}});
}

TEST(CreateApp, WithAnUnknownOrAnotherTeamsCredentialIsRejected) {
    Scenario{kNoon}
        .given({stored()})
        .when(CreateApp{naming(made<CredentialId>(9))})
        .then_rejected_fields({{"/target/credential", RejectionCode::unknown_credential}})
        .as(kMallory, kRivals)
        .when(CreateApp{naming(kCredential)})
        .then_rejected_fields({{"/target/credential", RejectionCode::unknown_credential}});
}

TEST(RotateCredential, ReplacesTheSecret) {
    Scenario scenario{kNoon};
    scenario.given({stored()})
        .when(RotateCredential{kOps, kCredential, kSealedAnew})
        .then({CredentialRotated{kOps, kCredential, kSealedAnew}});
    const Credential& credential = *scenario.state().teams().find(kOps, kCredential);
    EXPECT_EQ(credential.secret, kSealedAnew);
    EXPECT_EQ(credential.version, Version{2});
    EXPECT_EQ(credential.rotated_at, kNoon);
}

TEST(RotateCredential, OfAnotherTeamIsNotFound) {
    Scenario{kNoon}
        .given({stored()})
        .when(RotateCredential{kRivals, kCredential, kSealedAnew})
        .then_rejected(RejectionCode::credential_not_found)
        .when(ShredCredential{kRivals, kCredential})
        .then_rejected(RejectionCode::credential_not_found);
}

TEST(ShredCredential, EndsIt) {
    Scenario{kNoon}
        .given({stored()})
        .when(ShredCredential{kOps, kCredential})
        .then({CredentialShredded{kOps, kCredential}})
        .when(ShredCredential{kOps, kCredential})
        .then_rejected(RejectionCode::credential_not_found);
}

TEST(ShredCredential, InUseIsRejectedUnlessThatIsWanted) {
    Scenario{kNoon}
        .given({stored(), AppCreated{made<AppId>(8), naming(kCredential)}})
        .when(ShredCredential{kOps, kCredential})
        .then_rejected(RejectionCode::credential_in_use, made<AppId>(8).text())
        .when(ShredCredential{kOps, kCredential, true})
        .then({CredentialShredded{kOps, kCredential}});
}

TEST(ShredCredential, ThatSomethingScheduledStillNamesIsRejected) {
    const AppId app = made<AppId>(8);
    Scenario{kNoon}
        .given({stored(), AppCreated{app, naming(kCredential)}, scheduled(kRoot, app, kNoon + 1h),
                AppRevised{app, definition("without")}})
        .when(ShredCredential{kOps, kCredential})
        .then_rejected(RejectionCode::credential_in_use, "version 1 of " + app.text());
}

}  // namespace
}  // namespace slipway
