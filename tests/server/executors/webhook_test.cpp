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

    ScriptedHttpClient client;
    ManualClock clock;
    WebhookExecutor executor{client, clock};
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

// An attempt that shows its target a credential.
struct Shown {
    explicit Shown(Authorization shown) : authorization(std::move(shown)) {}

    const AttemptResult& result_of(const HttpResponse& answer) {
        AttemptRequest request = attempt(++token);
        request.authorization = authorization;
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

TEST(Webhook, AnswersNothingOfWhatWasCancelled) {
    Scene scene;
    scene.start(1);
    scene.start(2);
    scene.executor.cancel(Position{1});
    scene.executor.cancel(Position{1});
    scene.executor.cancel(Position{99});
    EXPECT_EQ(scene.client.cancelled, (std::vector<std::uint64_t>{1}));
    scene.client.answer(2, response(200));
    EXPECT_FALSE(scene.results.contains(1));
    EXPECT_TRUE(scene.results.contains(2));
    EXPECT_EQ(scene.executor.under_way(), 0U);
}

TEST(Webhook, LetsAnAnswerStartAndCancel) {
    Scene scene;
    scene.executor.start(attempt(1), [&](const AttemptResult&) {
        scene.executor.cancel(Position{2});
        scene.start(3);
    });
    scene.start(2);
    scene.client.answer(1, response(200));
    scene.client.answer(3, response(200));
    EXPECT_FALSE(scene.results.contains(2));
    EXPECT_TRUE(scene.results.contains(3));
}

TEST(Webhook, LetsTheHeadOfAnAnswerDecide) {
    Scene scene;
    scene.start(1);
    EXPECT_EQ(scene.client.requests.at(0).body_timeout, Seconds{1});
}

TEST(Webhook, EndsWithItsRequestsGivenUp) {
    ScriptedHttpClient client;
    ManualClock clock;
    {
        WebhookExecutor executor{client, clock};
        executor.start(attempt(1), [](const AttemptResult&) { ADD_FAILURE() << "given up"; });
    }
    EXPECT_EQ(client.open(), 0U);
}

}  // namespace
}  // namespace slipway
