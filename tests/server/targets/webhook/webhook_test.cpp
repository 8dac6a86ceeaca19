#include "server/targets/webhook/webhook.h"

#include "server/targets/webhook/signature.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace slipway {
namespace {

using namespace std::chrono_literals;

const DeploymentId kRun = deployment_of(kRoot);

// One deployment of api, whose first attempt is under way.
class WebhookTest : public testing::Test {
  protected:
    WebhookTest() {
        for (const RecordedEvent& one : world()) state_.apply(one);
        record(DeploymentRequested{kRun, kApi, {}, "a note", {}});
        record(DeploymentDue{kRun, kNoon, kNoon, Version{1}, {}});
        record(AttemptStarted{kRun, 1, "somewhere", kNoon + 30s});
    }
    Work work(std::string_view traceparent = {}) const {
        return {.view = view_of(state_),
                .row = state_.schedules().find(kRoot),
                .deployment = kRun,
                .settings = {{"url", "https://one.example/hook"}},
                .token = Position{42},
                .started_at = kNoon,
                .traceparent = traceparent,
                .callback_url = "https://slipway.example/report",
                .callback_token = "cbt_x"};
    }
    Step read(int status, HttpHeaders headers = {}, std::string body = {},
              std::optional<Seconds> retry_after = {}) const {
        return webhook_.read(
            work(), 0,
            Answer{HttpResponse{status, std::move(headers), std::move(body)}, retry_after, {}});
    }
    Refused refused(int status, std::optional<Seconds> retry_after = {}) const {
        return std::get<Refused>(read(status, {}, {}, retry_after));
    }

    WebhookExecutor webhook_;

  private:
    void record(const Event& event) {
        Envelope envelope;
        envelope.recorded_at = kNoon;
        envelope.stream = stream_of(event);
        envelope.stream_version = state_.next_version(event);
        envelope.team = kOps;
        state_.apply({Position{state_.position().value + 1}, envelope, event});
    }

    State state_;
};

TEST_F(WebhookTest, IsASignedPostWithAStableId) {
    const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    HttpRequest sent = webhook_.begin(work(trace)).request;
    const Keys keys{{"new secret", "old secret"}, {}};
    webhook_.sign(sent, keys, kNoon + 500ms);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.url, "https://one.example/hook");
    const auto timestamp = date::floor<Seconds>(kNoon).time_since_epoch();
    const HttpHeaders expected = {
        {"Content-Type", "application/json"},
        {"webhook-id", kRun.text()},
        {"Slipway-Attempt-Token", "42"},
        {"traceparent", trace},
        {"webhook-timestamp", std::to_string(timestamp.count())},
        {"webhook-signature",
         webhook_signature(kRun.text(), timestamp, sent.body, keys.signing_secrets)},
    };
    EXPECT_EQ(sent.headers, expected);
}

TEST_F(WebhookTest, CarriesTheDeploymentTheAppAndWhereToReport) {
    const auto body = nlohmann::json::parse(webhook_.begin(work()).request.body);
    EXPECT_EQ(body.at("type"), "deployment.due");
    EXPECT_EQ(body.at("timestamp"), to_text(kNoon));
    const auto& data = body.at("data");
    EXPECT_EQ(data.at("deployment").at("id"), kRun.text());
    EXPECT_EQ(data.at("deployment").at("note"), "a note");
    EXPECT_EQ(data.at("app").at("id"), kApi.text());
    EXPECT_EQ(data.at("app").at("version"), 1);
    EXPECT_EQ(data.at("app").at("name"), "api");
    EXPECT_EQ(data.at("callback_url"), "https://slipway.example/report");
    EXPECT_EQ(data.at("callback_token"), "cbt_x");
}

TEST_F(WebhookTest, HasTheTimeOfEachTryAndNoTraceOfItsOwn) {
    HttpRequest first = webhook_.begin(work()).request;
    HttpRequest second = first;
    webhook_.sign(first, {}, kNoon);
    webhook_.sign(second, {}, kNoon + 60s);
    const auto seconds = date::floor<Seconds>(kNoon).time_since_epoch().count();
    EXPECT_EQ(first.headers.at(3).second, std::to_string(seconds));
    EXPECT_EQ(second.headers.at(3).second, std::to_string(seconds + 60));
    EXPECT_EQ(first.headers.size(), 5U);
    EXPECT_EQ(first.headers.at(1), second.headers.at(1));
}

TEST_F(WebhookTest, TakesEachStatusAsTheApiSays) {
    const std::set<int> retryable{408, 425, 429};
    for (int status = 100; status <= 699; ++status) {
        const Step step = read(status);
        if (status == 202) {
            EXPECT_TRUE(std::holds_alternative<Accepted>(step));
        } else if (status >= 200 && status <= 299) {
            EXPECT_TRUE(std::holds_alternative<Succeeded>(step)) << status;
        } else {
            const Refused& refused = std::get<Refused>(step);
            EXPECT_EQ(refused.is_retryable, retryable.contains(status) || status / 100 == 5)
                << status;
            EXPECT_EQ(refused.cause, AttemptCause::answered);
        }
    }
}

TEST_F(WebhookTest, TakesEachFailureAsTheApiSays) {
    struct Row {
        HttpFailure failure;
        bool sent;
        bool is_retryable;
        AttemptCause cause;
    };
    for (const Row row : {
             Row{HttpFailure::connect_failed, false, true, AttemptCause::connect_failed},
             Row{HttpFailure::timed_out, true, true, AttemptCause::timed_out},
             Row{HttpFailure::timed_out, false, true, AttemptCause::connect_failed},
             Row{HttpFailure::connection_lost, true, true, AttemptCause::connection_lost},
             Row{HttpFailure::address_refused, false, false, AttemptCause::address_refused},
             Row{HttpFailure::invalid_request, false, false, AttemptCause::invalid_target},
             Row{HttpFailure::response_too_large, true, false, AttemptCause::response_too_large},
         }) {
        const Answer answer{HttpError{row.failure, row.sent, "why\n"}, {}, {}};
        const auto refused = std::get<Refused>(webhook_.read(work(), 0, answer));
        EXPECT_EQ(refused.is_retryable, row.is_retryable);
        EXPECT_EQ(refused.cause, row.cause);
        EXPECT_EQ(answer.sent(), row.sent);
        EXPECT_EQ(answer.http_status(), 0);
        EXPECT_EQ(answer.kept(refused.detail, kDetailBytesMax), "why");
    }
}

TEST_F(WebhookTest, HonoursRetryAfterOfWhatMayBeRetriedOnly) {
    EXPECT_EQ(refused(503, 120s).retry_after, 120s);
    EXPECT_EQ(refused(429, 120s).retry_after, 120s);
    EXPECT_EQ(refused(503).retry_after, std::nullopt);
    EXPECT_EQ(refused(410, 120s).retry_after, std::nullopt);
}

TEST_F(WebhookTest, SaysWhyItWasRefused) {
    EXPECT_EQ(std::get<Refused>(read(500, {}, "no room")).detail, "no room");
    EXPECT_EQ(std::get<Refused>(read(301, {}, "elsewhere")).detail, "redirects are not followed");
    EXPECT_EQ(std::get<Refused>(read(101, {}, "switched")).detail, "");
}

TEST_F(WebhookTest, KeepsWhereAnAcceptedAttemptCanBeAskedAbout) {
    const HttpHeaders location{{"location", "https://one.example/runs/7"}};
    EXPECT_EQ(std::get<Accepted>(read(202, location)).reference, "https://one.example/runs/7");
    EXPECT_EQ(std::get<Accepted>(read(202)).reference, "");
    EXPECT_TRUE(std::holds_alternative<Succeeded>(read(201, location)));
}

TEST_F(WebhookTest, GoesToTheOriginOfItsUrl) {
    const TargetSettings settings{{"url", "HTTPS://One.Example:443/hook?a=b"}};
    EXPECT_EQ(webhook_.origin(settings), "https://one.example");
    EXPECT_EQ(webhook_.summary(settings), "HTTPS://One.Example:443/hook?a=b");
    EXPECT_EQ(webhook_.origin({}), "");
}

TEST_F(WebhookTest, RefusesAUrlThatCannotBeCalled) {
    const auto flaws_of = [this](const std::string& url) {
        return check_fields(webhook_.description(), {{"url", url}}).size();
    };
    EXPECT_EQ(flaws_of("https://one.example/hook"), 0U);
    for (const auto* const url :
         {"", "ftp://one.example", "https://", "https://a b.example", "https://me@one.example",
          "https://one.example:0/", "https://one.example:65536/", "https://0x7f.1/"}) {
        EXPECT_EQ(flaws_of(url), 1U) << url;
    }
}

}  // namespace
}  // namespace slipway
