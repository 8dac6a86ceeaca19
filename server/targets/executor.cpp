#include "server/targets/executor.h"

#include "eventlog/base/check.h"
#include "eventlog/base/url.h"
#include "server/targets/excerpt.h"

#include <algorithm>
#include <utility>

namespace slipway {

int Answer::http_status() const {
    const auto* const response = std::get_if<HttpResponse>(&reply);
    return response == nullptr ? 0 : response->status;
}

bool Answer::sent() const {
    const auto* const error = std::get_if<HttpError>(&reply);
    return error == nullptr || error->sent;
}

std::string Answer::kept(std::string_view text, std::size_t bytes_max) const {
    std::string excerpt = excerpt_of(text, bytes_max);
    if (authorization && tells(excerpt, *authorization)) excerpt = kWithheld;
    return excerpt;
}

Refused refused_by(const HttpError& error) {
    switch (error.failure) {
        case HttpFailure::connect_failed:
            return {true, AttemptCause::connect_failed, error.message};
        case HttpFailure::timed_out:
            return {true, error.sent ? AttemptCause::timed_out : AttemptCause::connect_failed,
                    error.message};
        case HttpFailure::connection_lost:
            return {true, AttemptCause::connection_lost, error.message};
        case HttpFailure::address_refused:
            return {false, AttemptCause::address_refused, error.message};
        case HttpFailure::invalid_request:
            return {false, AttemptCause::invalid_target, error.message};
        case HttpFailure::response_too_large:
            return {false, AttemptCause::response_too_large, error.message};
    }
    return {false, AttemptCause::answered, error.message};
}

std::vector<SettingFlaw> Executor::validate(const TargetSettings&) const {
    return {};
}

void Executor::sign(HttpRequest&, const Keys&, Instant) const {}

std::vector<SettingFlaw> check_fields(const Description& description,
                                      const TargetSettings& settings) {
    std::vector<SettingFlaw> flaws;
    for (const SettingField& field : description.fields) {
        if (field.type != SettingType::url) continue;
        const std::string* const value = find_setting(settings, field.name);
        if (value == nullptr) continue;
        if (auto flaw = flaw_of_url(*value)) {
            flaws.push_back({std::string{field.name}, std::move(*flaw)});
        }
    }
    return flaws;
}

Kinds::Kinds(std::vector<const Executor*> executors) : executors_(std::move(executors)) {}

const Executor& Kinds::at(TargetKind kind) const {
    const auto at = std::ranges::find_if(executors_, [kind](const Executor* executor) {
        return executor->description().kind == kind;
    });
    CHECK(at != executors_.end());
    return **at;
}

const Executor* Kinds::find(std::string_view name) const {
    const auto at = std::ranges::find_if(executors_, [name](const Executor* executor) {
        return executor->description().name == name;
    });
    return at == executors_.end() ? nullptr : *at;
}

}  // namespace slipway
