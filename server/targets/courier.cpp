#include "server/targets/courier.h"

#include "eventlog/base/check.h"
#include "server/targets/retry_after.h"

#include <utility>

namespace slipway {

namespace {

// A body that is slow must not hold its connection.
constexpr Millis kBodyTimeout{1'000};

}  // namespace

Courier::~Courier() {
    for (const auto& [token, request] : under_way_) client_.cancel(request.call);
}

void Courier::carry(Position token, const Executor& executor, Ask ask, Keys keys, Done done) {
    CHECK(!under_way_.contains(token));
    HttpRequest request = std::move(ask.request);
    request.response_bytes_max = kAnswerBytesMax;
    request.body_timeout = kBodyTimeout;
    request.headers.emplace_back("User-Agent", "slipway/0.1");
    executor.sign(request, keys, clock_.now());
    if (keys.authorization) {
        request.headers.emplace_back(keys.authorization->header, keys.authorization->value);
    }
    const std::uint64_t call = client_.send(
        std::move(request), [this, token](std::variant<HttpResponse, HttpError> reply) {
            answered(token, std::move(reply));
        });
    under_way_.emplace(token, UnderWay{call, std::move(keys.authorization), std::move(done)});
}

void Courier::cancel(Position token) {
    const auto at = under_way_.find(token);
    if (at == under_way_.end()) return;
    client_.cancel(at->second.call);
    under_way_.erase(at);
}

void Courier::answered(Position token, std::variant<HttpResponse, HttpError> reply) {
    const auto at = under_way_.find(token);
    CHECK(at != under_way_.end());
    UnderWay ended = std::move(at->second);
    under_way_.erase(at);
    Answer answer{std::move(reply), {}, std::move(ended.authorization)};
    if (const auto* const response = std::get_if<HttpResponse>(&answer.reply)) {
        const std::string* const retry_after = response->header("retry-after");
        if (retry_after != nullptr) {
            answer.retry_after = retry_after_of(*retry_after, clock_.now());
        }
    }
    ended.done(std::move(answer));
}

}  // namespace slipway
