#include "server/targets/webhook/webhook.h"

#include "eventlog/base/check.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/base/origin.h"
#include "server/targets/webhook/signature.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr std::string_view kUrl = "url";
constexpr std::string_view kId = "webhook-id";

const std::string& url_of(const TargetSettings& settings) {
    static const std::string kNone;
    const std::string* const url = find_setting(settings, kUrl);
    return url == nullptr ? kNone : *url;
}

// The body that the target receives.
std::string body_of(const Work& work) {
    const Schedules& schedules = work.view.schedules;
    const ScheduleRow& row = schedules.at(work.row);
    const App& app = schedules.app_of(row);
    std::string out;
    JsonWriter json{out};
    json.begin_object();
    json.member("type", "deployment.due");
    json.member("timestamp", work.started_at);
    json.key("data");
    json.begin_object();
    json.key("deployment");
    write_deployment(json, work.view, work.row);
    json.key("app");
    json.begin_object();
    json.member("id", app.id);
    json.member("version", row.app_version.value);
    write_members(json, app.definition(row.app_version));
    json.end_object();
    json.member("callback_url", work.callback_url);
    json.member("callback_token", work.callback_token);
    json.end_object();
    json.end_object();
    return out;
}

Refused refused_with(const HttpResponse& response, const Answer& answer) {
    const int status = response.status;
    const bool is_later = status == 408 || status == 425 || status == 429;
    Refused refused;
    refused.is_retryable = is_later || (status >= 500 && status <= 599);
    if (refused.is_retryable) refused.retry_after = answer.retry_after;
    if (status >= 300 && status <= 399) refused.detail = "redirects are not followed";
    if (status >= 400) refused.detail = response.body;
    return refused;
}

}  // namespace

const Description& WebhookExecutor::description() const {
    static const Description kDescription{
        .kind = TargetKind::webhook,
        .name = name_of(TargetKind::webhook),
        .fields = {{kUrl, "the URL of the webhook", SettingType::url}},
        .example = R"({"kind": "webhook", "url": …})",
        .headers = {"webhook-", "slipway-"},
        .after_interruption = AfterInterruption::resend,
        .resend_reason = "a webhook is sent again under the same webhook-id",
    };
    return kDescription;
}

std::string WebhookExecutor::origin(const TargetSettings& settings) const {
    return origin_of(url_of(settings));
}

std::string WebhookExecutor::summary(const TargetSettings& settings) const {
    return url_of(settings);
}

Ask WebhookExecutor::begin(const Work& work) const {
    Ask ask;
    ask.request.method = "POST";
    ask.request.url = url_of(work.settings);
    ask.request.body = body_of(work);
    ask.request.headers = {
        {"Content-Type", "application/json"},
        {std::string{kId}, work.deployment.text()},
        {"Slipway-Attempt-Token", std::to_string(work.token.value)},
    };
    if (!work.traceparent.empty()) {
        ask.request.headers.emplace_back("traceparent", work.traceparent);
    }
    return ask;
}

Step WebhookExecutor::read(const Work&, std::uint8_t, const Answer& answer) const {
    const auto* const response = std::get_if<HttpResponse>(&answer.reply);
    if (response == nullptr) return refused_by(std::get<HttpError>(answer.reply));
    if (response->status == 202) {
        const std::string* const location = response->header("location");
        return Accepted{location == nullptr ? std::string{} : *location};
    }
    if (response->status >= 200 && response->status <= 299) return Succeeded{};
    return refused_with(*response, answer);
}

void WebhookExecutor::sign(HttpRequest& request, const Keys& keys, Instant now) const {
    const auto id = std::ranges::find(request.headers, kId, &HttpHeaders::value_type::first);
    CHECK(id != request.headers.end());
    const auto timestamp = date::floor<Seconds>(now).time_since_epoch();
    std::string signature =
        webhook_signature(id->second, timestamp, request.body, keys.signing_secrets);
    request.headers.emplace_back("webhook-timestamp", std::to_string(timestamp.count()));
    request.headers.emplace_back("webhook-signature", std::move(signature));
}

}  // namespace slipway
