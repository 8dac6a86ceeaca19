#include "server/executors/webhook.h"

#include "server/executors/retry_after.h"
#include "server/executors/signature.h"
#include "server/executors/telling.h"
#include "tests/server/executors/scripted_http_client.h"
#include "tests/support/manual_clock.h"

#include <gtest/gtest.h>

#include <set>

namespace slipway {
namespace {

using Kind = AttemptResult::Kind;

AttemptRequest attempt(std::uint64_t token, const std::string& url = "https://one.example/hook") {
    AttemptRequest request;
    request.schedule = *ScheduleId::parse("sched_01h455vb4pex5vsknk084sn02q");
    request.token = Position{token};
    request.number = 2;
    request.url = url;
    request.timeout = Seconds{25};
    request.body = R"({"type":"deployment.due"})";
    request.signing_secrets = {"new secret", "old secret"};
    return request;
}

struct Scene {
    explicit Scene(WebhookExecutor::Options options = {}) : executor(client, clock, options) {}

    void start(std::uint64_t token, const std::string& url = "https://one.example/hook") {
        executor.start(attempt(token, url), [this, token](AttemptResult result) {
            EXPECT_TRUE(results.emplace(token, std::move(result)).second) << "answered twice";
        });
    }
    AttemptResult result_for(std::variant<HttpResponse, HttpError> answer) {
        const std::uint64_t token = 1'000 + client.requests.size();
        start(token);
        client.answer(client.requests.size(), std::move(answer));
        return results.at(token);
    }
    std::vector<std::string> hosts() const {
        std::vector<std::string> all;
        for (const auto& request : client.requests) all.push_back(request.url.substr(8, 3));
        return all;
    }

    ScriptedHttpClient client;
    ManualClock clock;
    WebhookExecutor executor;
    std::map<std::uint64_t, AttemptResult> results;
};

HttpResponse response(int status, HttpHeaders headers = {}, std::string body = {}) {
    return {status, std::move(headers), std::move(body)};
}

TEST(Webhook, IsASignedPostWithAStableId) {
    Scene scene;
    AttemptRequest request = attempt(42);
    request.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    scene.executor.start(request, [](const AttemptResult&) {});
    const HttpRequest& sent = scene.client.requests.at(0);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.url, "https://one.example/hook");
    EXPECT_EQ(sent.body, request.body);
    EXPECT_EQ(sent.timeout, Seconds{25});
    const std::string id = "dep_01h455vb4pex5vsknk084sn02q";
    const HttpHeaders expected = {
        {"Content-Type", "application/json"},
        {"User-Agent", "slipway/0.1"},
        {"webhook-id", id},
        {"webhook-timestamp", "1802246400"},
        {"webhook-signature",
         webhook_signature(id, Seconds{1'802'246'400}, request.body, request.signing_secrets)},
        {"Slipway-Attempt-Token", "42"},
        {"traceparent", request.traceparent},
    };
    EXPECT_EQ(sent.headers, expected);
}

// An attempt that shows its target a credential, which is asked for as it leaves.
struct Shown {
    explicit Shown(Authorization shown) : authorization(std::move(shown)) {}

    const AttemptResult& result_of(const HttpResponse& answer) {
        AttemptRequest request = attempt(++token);
        request.authorize = [this]() -> Result<Authorization> { return authorization; };
        scene.executor.start(std::move(request),
                             [this](AttemptResult answered) { result = std::move(answered); });
        scene.client.answer(scene.client.requests.size(), answer);
        return result;
    }

    Scene scene;
    Authorization authorization;
    AttemptResult result;
    std::uint64_t token = 0;
};

TEST(Webhook, ShowsTheTargetItsCredential) {
    Shown shown{{"X-Api-Key", "correct horse battery staple", "correct horse battery staple"}};
    EXPECT_EQ(shown.result_of(response(401, {}, "no such key")).detail, "no such key");
    EXPECT_EQ(shown.scene.client.requests.at(0).headers.back(),
              (std::pair<std::string, std::string>{"X-Api-Key", "correct horse battery staple"}));
}

TEST(Webhook, KeepsNothingThatTellsTheCredential) {
    Shown words{{"X-Api-Key", "correct horse battery staple", "correct horse battery staple"}};
    for (const auto* const said :
         {"your key correct horse battery staple is wrong", "correct horse\n  battery staple",
          "CORRECT-HORSE", "correct%20horse%20battery%20staple",
          "a stap\xE2\x80\x8Ble, a batt\"ery", "correct horse"}) {
        EXPECT_EQ(words.result_of(response(401, {}, said)).detail, kWithheld) << said;
    }
    // Not even a part of it, where what is kept ends.
    const std::string late = std::string(kDetailBytesMax - 8, '.') + " correct horse";
    EXPECT_EQ(words.result_of(response(401, {}, late)).detail, kWithheld);
    EXPECT_EQ(words.result_of(response(202, {{"location", "/runs?key=horse+battery"}})).reference,
              kWithheld);
    Shown basic{{"Authorization", "Basic Y2k6aHVudGVyMjJ4", "hunter22x"}};
    for (const auto* const said : {"who is hunter22x?", "Y2k6aHVudGVyMjJ4", "basic y2k6ahvud"}) {
        EXPECT_EQ(basic.result_of(response(401, {}, said)).detail, kWithheld) << said;
    }
    Shown marks{{"X-Api-Key", "!?!?-!?!?", "!?!?-!?!?"}};
    EXPECT_EQ(marks.result_of(response(401, {}, "no: !?!?-!?!?")).detail, kWithheld);
    EXPECT_EQ(marks.result_of(response(401, {}, "really?!")).detail, "really?!");
}

TEST(Webhook, SendsNothingWithoutWhatTheTargetIsToBeShown) {
    Scene scene;
    std::vector<AttemptResult> results;
    for (const ErrorCode code : {ErrorCode::not_found, ErrorCode::io}) {
        AttemptRequest request = attempt(results.size() + 1);
        request.authorize = [code]() -> Result<Authorization> { return Error{code, "no key"}; };
        scene.executor.start(std::move(request), [&results](AttemptResult result) {
            results.push_back(std::move(result));
        });
    }
    EXPECT_TRUE(scene.client.requests.empty());
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].kind, Kind::failed);
    EXPECT_EQ(results[1].kind, Kind::retryable);
    EXPECT_EQ(results[1].cause, AttemptCause::credential_missing);
    EXPECT_FALSE(results[1].sent);
    EXPECT_EQ(scene.executor.under_way(), 0U);
}

TEST(Webhook, AsksForTheCredentialWhenItLeavesNotWhenItWaits) {
    Scene scene{{.under_way_max = 1}};
    std::string secret = "the first secret";
    std::vector<AttemptResult> results;
    for (const std::uint64_t token : {1U, 2U}) {
        AttemptRequest request = attempt(token);
        request.authorize = [&secret]() -> Result<Authorization> {
            return Authorization{"X-Api-Key", secret, secret};
        };
        scene.executor.start(std::move(request), [](const AttemptResult&) {});
    }
    ASSERT_EQ(scene.client.requests.size(), 1U);
    secret = "the second secret";
    scene.client.answer(1, response(200));
    ASSERT_EQ(scene.client.requests.size(), 2U);
    EXPECT_EQ(scene.client.requests[1].headers.back().second, "the second secret");
}

TEST(Webhook, HasTheTimeOfEachTryAndNoTraceOfItsOwn) {
    Scene scene;
    scene.start(1);
    scene.clock.time += Seconds{60};
    scene.start(2);
    EXPECT_EQ(scene.client.requests.at(0).headers.at(3).second, "1802246400");
    EXPECT_EQ(scene.client.requests.at(1).headers.at(3).second, "1802246460");
    EXPECT_EQ(scene.client.requests.at(0).headers.size(), 6U);
    EXPECT_EQ(scene.client.requests.at(0).headers.at(2), scene.client.requests.at(1).headers.at(2));
}

TEST(Webhook, TakesEachStatusAsTheApiSays) {
    Scene scene;
    const std::set<int> retryable{408, 425, 429};
    for (int status = 100; status <= 699; ++status) {
        const AttemptResult result = scene.result_for(response(status));
        Kind expected = Kind::failed;
        if (status >= 200 && status <= 299) expected = Kind::succeeded;
        if (status == 202) expected = Kind::accepted;
        if (retryable.contains(status) || status / 100 == 5) expected = Kind::retryable;
        EXPECT_EQ(result.kind, expected) << status;
        EXPECT_EQ(result.cause, AttemptCause::answered);
        EXPECT_EQ(result.http_status, status);
        EXPECT_TRUE(result.sent);
    }
}

TEST(Webhook, TakesEachFailureAsTheApiSays) {
    struct Row {
        HttpFailure failure;
        bool sent;
        Kind kind;
        AttemptCause cause;
    };
    Scene scene;
    for (const Row row : {
             Row{HttpFailure::connect_failed, false, Kind::retryable, AttemptCause::connect_failed},
             Row{HttpFailure::timed_out, true, Kind::retryable, AttemptCause::timed_out},
             Row{HttpFailure::timed_out, false, Kind::retryable, AttemptCause::connect_failed},
             Row{HttpFailure::connection_lost, true, Kind::retryable,
                 AttemptCause::connection_lost},
             Row{HttpFailure::address_refused, false, Kind::failed, AttemptCause::address_refused},
             Row{HttpFailure::invalid_request, false, Kind::failed, AttemptCause::invalid_target},
             Row{HttpFailure::response_too_large, true, Kind::failed,
                 AttemptCause::response_too_large},
         }) {
        const AttemptResult result = scene.result_for(HttpError{row.failure, row.sent, "why\n"});
        EXPECT_EQ(result.kind, row.kind);
        EXPECT_EQ(result.cause, row.cause);
        EXPECT_EQ(result.sent, row.sent);
        EXPECT_EQ(result.http_status, 0);
        EXPECT_EQ(result.detail, "why");
    }
}

TEST(Webhook, HonoursRetryAfterOfWhatMayBeRetriedOnly) {
    Scene scene;
    const HttpHeaders wait{{"retry-after", "120"}};
    EXPECT_EQ(scene.result_for(response(503, wait)).retry_after, Seconds{120});
    EXPECT_EQ(scene.result_for(response(429, wait)).retry_after, Seconds{120});
    EXPECT_EQ(scene.result_for(response(503)).retry_after, std::nullopt);
    EXPECT_EQ(scene.result_for(response(410, wait)).retry_after, std::nullopt);
    EXPECT_EQ(scene.result_for(response(200, wait)).retry_after, std::nullopt);
    const HttpHeaders date{{"retry-after", "Wed, 10 Feb 2027 08:01:00 GMT"}};
    EXPECT_EQ(scene.result_for(response(503, date)).retry_after, Seconds{60});
}

TEST(Webhook, KeepsWhatTheTargetSaysShortAndPrintable) {
    Scene scene;
    EXPECT_EQ(scene.result_for(response(500, {}, "no\r\n\x1b[31mroom\xff")).detail, "no [31mroom?");
    EXPECT_EQ(scene.result_for(response(500, {}, std::string(9'000, 'x'))).detail,
              std::string(kDetailBytesMax, 'x'));
    EXPECT_EQ(scene.result_for(response(200, {}, "fine")).detail, "");
    EXPECT_EQ(scene.result_for(response(301)).detail, "redirects are not followed");
}

TEST(Webhook, KeepsWhereAnAcceptedAttemptCanBeAskedAbout) {
    Scene scene;
    const HttpHeaders location{{"location", "https://one.example/runs/7"}};
    EXPECT_EQ(scene.result_for(response(202, location)).reference, "https://one.example/runs/7");
    EXPECT_EQ(scene.result_for(response(202)).reference, "");
    EXPECT_EQ(scene.result_for(response(201, location)).reference, "");
}

TEST(WebhookLimits, HoldOverAllTargets) {
    Scene scene{{.under_way_max = 2}};
    for (std::uint64_t i = 1; i <= 5; ++i) {
        scene.start(i, "https://" + std::to_string(100 + i) + ".example/");
    }
    EXPECT_EQ(scene.executor.under_way(), 2U);
    EXPECT_EQ(scene.executor.waiting(), 3U);
    for (std::uint64_t call = 1; call <= 5; ++call) scene.client.answer(call, response(200));
    EXPECT_EQ(scene.hosts(), (std::vector<std::string>{"101", "102", "103", "104", "105"}));
    EXPECT_EQ(scene.results.size(), 5U);
    EXPECT_EQ(scene.executor.under_way() + scene.executor.waiting(), 0U);
}

TEST(WebhookLimits, HoldForEachTargetSoThatASlowOneHoldsUpNobodyElse) {
    Scene scene{{.under_way_per_target_max = 2}};
    for (std::uint64_t i = 1; i <= 4; ++i) scene.start(i, "https://slow.example/");
    scene.start(5, "https://other.example/");
    EXPECT_EQ(scene.hosts(), (std::vector<std::string>{"slo", "slo", "oth"}));
    scene.client.answer(1, response(200));
    EXPECT_EQ(scene.hosts().back(), "slo");
    EXPECT_EQ(scene.executor.waiting(), 1U);
}

TEST(WebhookLimits, LetTargetsTakeTurnsAndKeepTheOrderWithinOne) {
    Scene scene{{.under_way_max = 1}};
    for (std::uint64_t i = 1; i <= 3; ++i) scene.start(i, "https://aaa.example/");
    for (std::uint64_t i = 4; i <= 5; ++i) scene.start(i, "https://bbb.example/");
    for (std::uint64_t call = 1; call <= 5; ++call) scene.client.answer(call, response(200));
    EXPECT_EQ(scene.hosts(), (std::vector<std::string>{"aaa", "aaa", "bbb", "aaa", "bbb"}));
    std::vector<std::string> tokens;
    for (const auto& request : scene.client.requests) tokens.push_back(request.headers[5].second);
    EXPECT_EQ(tokens, (std::vector<std::string>{"1", "2", "4", "3", "5"}));
}

TEST(WebhookLimits, CountATargetByItsSchemeHostAndPort) {
    Scene scene{{.under_way_per_target_max = 1}};
    std::uint64_t token = 0;
    for (const auto* url : {"https://a.example/x", "https://A.EXAMPLE:443/y", "HTTPS://a.example?z",
                            "https://a.example#f"}) {
        scene.start(++token, url);
    }
    EXPECT_EQ(scene.executor.under_way(), 1U);
    for (const auto* url : {"http://a.example/x", "https://a.example:444/", "https://b.example",
                            "https://[2001:db8::1]/", "https://[2001:db8::1]:444/"}) {
        scene.start(++token, url);
    }
    EXPECT_EQ(scene.executor.under_way(), 6U);
    scene.start(++token, "https://[2001:db8::1]:443/");
    EXPECT_EQ(scene.executor.under_way(), 6U);
}

TEST(WebhookLimits, RefuseWhatHasNoRoomToWait) {
    Scene scene{{.under_way_max = 1, .waiting_max = 1}};
    for (std::uint64_t i = 1; i <= 3; ++i) scene.start(i);
    EXPECT_EQ(scene.results.at(3).kind, Kind::retryable);
    EXPECT_FALSE(scene.results.at(3).sent);
    EXPECT_EQ(scene.executor.waiting(), 1U);
}

TEST(WebhookCancel, OfOneUnderWayMakesRoomAndAnswersNothing) {
    Scene scene{{.under_way_max = 1}};
    scene.start(1);
    scene.start(2);
    scene.executor.cancel(Position{1});
    EXPECT_EQ(scene.client.cancelled, (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(scene.client.requests.size(), 2U);
    scene.client.answer(2, response(200));
    EXPECT_FALSE(scene.results.contains(1));
    EXPECT_TRUE(scene.results.contains(2));
}

TEST(WebhookCancel, OfOneThatWaitsNeverSendsIt) {
    Scene scene{{.under_way_max = 1}};
    scene.start(1);
    scene.start(2, "https://two.example/");
    scene.start(3, "https://two.example/");
    scene.executor.cancel(Position{2});
    scene.executor.cancel(Position{3});
    scene.executor.cancel(Position{99});
    EXPECT_EQ(scene.executor.waiting(), 0U);
    scene.client.answer(1, response(200));
    EXPECT_EQ(scene.client.requests.size(), 1U);
    scene.start(4, "https://two.example/");
    EXPECT_EQ(scene.client.requests.size(), 2U);
}

TEST(WebhookCancel, MayComeFromAnAnswerThatAlsoStartsAnother) {
    Scene scene{{.under_way_max = 1}};
    scene.executor.start(attempt(1), [&](const AttemptResult&) {
        scene.executor.cancel(Position{2});
        scene.start(4);
    });
    scene.start(2);
    scene.start(3);
    for (std::uint64_t call = 1; call <= 3; ++call) scene.client.answer(call, response(200));
    EXPECT_FALSE(scene.results.contains(2));
    EXPECT_TRUE(scene.results.contains(3));
    EXPECT_TRUE(scene.results.contains(4));
}

TEST(Webhook, EndsWithItsRequestsGivenUp) {
    ScriptedHttpClient client;
    ManualClock clock;
    {
        WebhookExecutor executor{client, clock, {}};
        executor.start(attempt(1), [](const AttemptResult&) { ADD_FAILURE() << "given up"; });
    }
    EXPECT_EQ(client.open(), 0U);
}

}  // namespace
}  // namespace slipway
