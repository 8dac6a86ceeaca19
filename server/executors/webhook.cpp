#include "server/executors/webhook.h"

#include "eventlog/base/check.h"
#include "server/executors/excerpt.h"
#include "server/executors/retry_after.h"
#include "server/executors/signature.h"
#include "server/executors/telling.h"

#include <utility>

namespace slipway {

namespace {

constexpr std::size_t kReferenceBytesMax = 2'000;  // as long as the URL of a target may be
// Only the beginning of a body is kept, as detail; a large or slow one must not hold its
// connection.
constexpr std::size_t kResponseBytesMax = 64 << 10;
constexpr Millis kBodyTimeout{1'000};

HttpRequest request_of(const AttemptRequest& attempt, Instant now) {
    const std::string id = deployment_of(attempt.schedule).text();
    const auto timestamp = date::floor<Seconds>(now).time_since_epoch();
    HttpRequest request;
    request.method = "POST";
    request.url = attempt.url;
    request.body = attempt.body;
    request.timeout = attempt.timeout;
    request.response_bytes_max = kResponseBytesMax;
    request.body_timeout = kBodyTimeout;
    request.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "slipway/0.1"},
        {"webhook-id", id},
        {"webhook-timestamp", std::to_string(timestamp.count())},
        {"webhook-signature",
         webhook_signature(id, timestamp, attempt.body, attempt.signing_secrets)},
        {"Slipway-Attempt-Token", std::to_string(attempt.token.value)},
    };
    if (!attempt.traceparent.empty()) {
        request.headers.emplace_back("traceparent", attempt.traceparent);
    }
    if (attempt.authorization) {
        request.headers.emplace_back(attempt.authorization->header, attempt.authorization->value);
    }
    return request;
}

AttemptResult::Kind kind_of(int status) {
    if (status == 202) return AttemptResult::Kind::accepted;
    if (status >= 200 && status <= 299) return AttemptResult::Kind::succeeded;
    const bool later = status == 408 || status == 425 || status == 429;
    if (later || (status >= 500 && status <= 599)) return AttemptResult::Kind::retryable;
    return AttemptResult::Kind::failed;
}

// What a target answers is kept, and it may well say what it was shown.
std::string kept(std::string_view text, std::size_t bytes_max,
                 const std::optional<Authorization>& authorization) {
    std::string excerpt = excerpt_of(text, bytes_max);
    if (authorization && tells(excerpt, *authorization)) excerpt = kWithheld;
    return excerpt;
}

AttemptResult result_of(const HttpResponse& response,
                        const std::optional<Authorization>& authorization, Instant now) {
    AttemptResult result;
    result.kind = kind_of(response.status);
    result.cause = AttemptCause::answered;
    result.http_status = response.status;
    result.sent = true;
    if (result.kind == AttemptResult::Kind::retryable) {
        const auto* const retry_after = response.header("retry-after");
        if (retry_after != nullptr) result.retry_after = retry_after_of(*retry_after, now);
    }
    if (result.kind == AttemptResult::Kind::accepted) {
        const auto* const location = response.header("location");
        if (location != nullptr)
            result.reference = kept(*location, kReferenceBytesMax, authorization);
    }
    if (response.status >= 300 && response.status <= 399) {
        result.detail = "redirects are not followed";
    } else if (response.status >= 400) {
        result.detail = kept(response.body, kDetailBytesMax, authorization);
    }
    return result;
}

AttemptResult result_of(const HttpError& error) {
    AttemptResult result;
    result.kind = AttemptResult::Kind::failed;
    result.sent = error.sent;
    result.detail = excerpt_of(error.message, kDetailBytesMax);
    switch (error.failure) {
        case HttpFailure::connect_failed:
            result.kind = AttemptResult::Kind::retryable;
            result.cause = AttemptCause::connect_failed;
            break;
        case HttpFailure::timed_out:
            result.kind = AttemptResult::Kind::retryable;
            result.cause = error.sent ? AttemptCause::timed_out : AttemptCause::connect_failed;
            break;
        case HttpFailure::connection_lost:
            result.kind = AttemptResult::Kind::retryable;
            result.cause = AttemptCause::connection_lost;
            break;
        case HttpFailure::address_refused:
            result.cause = AttemptCause::address_refused;
            break;
        case HttpFailure::invalid_request:
            result.cause = AttemptCause::invalid_target;
            break;
        case HttpFailure::response_too_large:
            result.cause = AttemptCause::response_too_large;
            break;
    }
    return result;
}

}  // namespace

WebhookExecutor::~WebhookExecutor() {
    for (const auto& [token, attempt] : under_way_) client_.cancel(attempt.call);
}

void WebhookExecutor::start(AttemptRequest request, Done done) {
    const Position token = request.token;
    CHECK(!under_way_.contains(token));
    const std::uint64_t call =
        client_.send(request_of(request, clock_.now()),
                     [this, token](const std::variant<HttpResponse, HttpError>& answer) {
                         answered(token, answer);
                     });
    under_way_.emplace(token, UnderWay{call, std::move(request.authorization), std::move(done)});
}

void WebhookExecutor::cancel(Position token) {
    const auto at = under_way_.find(token);
    if (at == under_way_.end()) return;
    client_.cancel(at->second.call);
    under_way_.erase(at);
}

void WebhookExecutor::answered(Position token,
                               const std::variant<HttpResponse, HttpError>& answer) {
    const auto at = under_way_.find(token);
    CHECK(at != under_way_.end());
    const UnderWay ended = std::move(at->second);
    under_way_.erase(at);
    const auto* const response = std::get_if<HttpResponse>(&answer);
    ended.done(response != nullptr ? result_of(*response, ended.authorization, clock_.now())
                                   : result_of(std::get<HttpError>(answer)));
}

}  // namespace slipway
