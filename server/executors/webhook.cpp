#include "server/executors/webhook.h"

#include "eventlog/base/check.h"
#include "eventlog/base/origin.h"
#include "server/executors/excerpt.h"
#include "server/executors/retry_after.h"
#include "server/executors/signature.h"
#include "server/executors/telling.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

constexpr std::size_t kReferenceBytesMax = 2'000;  // as long as the URL of a target may be
// Only the beginning of a body is kept, as detail; a slow one must not hold its connection.
constexpr Millis kBodyTimeout{1'000};

HttpRequest request_of(const AttemptRequest& attempt,
                       const std::optional<Authorization>& authorization, Instant now,
                       std::size_t response_bytes_max) {
    const std::string id = deployment_of(attempt.schedule).text();
    const auto timestamp = date::floor<Seconds>(now).time_since_epoch();
    HttpRequest request;
    request.method = "POST";
    request.url = attempt.url;
    request.body = attempt.body;
    request.timeout = attempt.timeout;
    request.response_bytes_max = response_bytes_max;
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
    if (authorization) request.headers.emplace_back(authorization->header, authorization->value);
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

AttemptResult not_authorized(const Error& error) {
    AttemptResult result;
    const bool for_good = error.code == ErrorCode::not_found;
    result.kind = for_good ? AttemptResult::Kind::failed : AttemptResult::Kind::retryable;
    result.cause = AttemptCause::credential_missing;
    result.detail = error.message;
    return result;
}

AttemptResult no_room() {
    AttemptResult result;
    result.kind = AttemptResult::Kind::retryable;
    result.cause = AttemptCause::connect_failed;
    result.detail = "too many attempts wait already; it was not sent";
    return result;
}

}  // namespace

WebhookExecutor::WebhookExecutor(HttpClient& client, const Clock& clock, Options options)
    : client_(client), clock_(clock), options_(options) {
    CHECK(options_.under_way_max > 0);
    CHECK(options_.under_way_per_target_max > 0);
}

WebhookExecutor::~WebhookExecutor() {
    for (const auto& [token, attempt] : under_way_) client_.cancel(attempt.call);
}

void WebhookExecutor::start(AttemptRequest request, Done done) {
    const Position token = request.token;
    CHECK(!under_way_.contains(token));
    CHECK(!waiting_at_.contains(token));
    if (waiting_at_.size() >= options_.waiting_max) {
        done(no_room());
        return;
    }
    const auto target = targets_.try_emplace(origin_of(request.url)).first;
    target->second.waiting.push_back({std::move(request), std::move(done)});
    waiting_at_.emplace(token, target);
    take_turn(target);
    send_next();
}

void WebhookExecutor::cancel(Position token) {
    if (const auto at = waiting_at_.find(token); at != waiting_at_.end()) {
        const auto target = at->second;
        waiting_at_.erase(at);
        std::erase_if(target->second.waiting,
                      [token](const Waiting& waiting) { return waiting.request.token == token; });
        forget_if_idle(target);
        return;
    }
    const auto at = under_way_.find(token);
    if (at == under_way_.end()) return;
    client_.cancel(at->second.call);
    leave(at);
    send_next();
}

std::vector<Position> WebhookExecutor::take_back() {
    std::vector<Position> tokens;
    for (const auto& [token, target] : waiting_at_) tokens.push_back(token);
    for (const Position token : tokens) cancel(token);
    return tokens;
}

void WebhookExecutor::take_turn(Targets::iterator target) {
    Target& its = target->second;
    const bool has_room = its.under_way < options_.under_way_per_target_max;
    if (its.in_turn || its.waiting.empty() || !has_room) return;
    its.in_turn = true;
    turns_.push_back(target);
}

void WebhookExecutor::send_next() {
    std::vector<std::pair<Done, AttemptResult>> unsent;
    while (under_way_.size() < options_.under_way_max && !turns_.empty()) {
        const auto target = turns_.front();
        turns_.pop_front();
        target->second.in_turn = false;
        if (target->second.waiting.empty()) {
            forget_if_idle(target);
            continue;
        }
        Waiting first = std::move(target->second.waiting.front());
        target->second.waiting.pop_front();
        waiting_at_.erase(first.request.token);
        if (auto failed = send(target, first)) {
            unsent.emplace_back(std::move(first.done), std::move(*failed));
        }
        take_turn(target);
        forget_if_idle(target);
    }
    // Those who hear of it may start others.
    for (auto& [done, result] : unsent) done(std::move(result));
}

// Why it was not sent, if it was not.
std::optional<AttemptResult> WebhookExecutor::send(Targets::iterator target, Waiting& first) {
    std::optional<Authorization> authorization;
    if (first.request.authorize) {
        auto found = first.request.authorize();
        if (!found) return not_authorized(found.error());
        authorization = std::move(*found);
    }
    const Position token = first.request.token;
    ++target->second.under_way;
    const std::uint64_t call = client_.send(
        request_of(first.request, authorization, clock_.now(), options_.response_bytes_max),
        [this, token](const std::variant<HttpResponse, HttpError>& answer) {
            answered(token, answer);
        });
    under_way_.emplace(token,
                       UnderWay{target, call, std::move(authorization), std::move(first.done)});
    return std::nullopt;
}

void WebhookExecutor::answered(Position token,
                               const std::variant<HttpResponse, HttpError>& answer) {
    const auto at = under_way_.find(token);
    CHECK(at != under_way_.end());
    const Done done = std::move(at->second.done);
    const auto authorization = std::move(at->second.authorization);
    leave(at);
    const auto* const response = std::get_if<HttpResponse>(&answer);
    done(response != nullptr ? result_of(*response, authorization, clock_.now())
                             : result_of(std::get<HttpError>(answer)));
    send_next();
}

void WebhookExecutor::leave(std::map<Position, UnderWay>::iterator attempt) {
    const auto target = attempt->second.target;
    under_way_.erase(attempt);
    --target->second.under_way;
    take_turn(target);
    forget_if_idle(target);
}

// A target in turn is forgotten when its turn comes.
void WebhookExecutor::forget_if_idle(Targets::iterator target) {
    const Target& its = target->second;
    if (its.under_way == 0 && its.waiting.empty() && !its.in_turn) targets_.erase(target);
}

}  // namespace slipway
