#include "server/auth/issuer_keys.h"

#include "eventlog/base/ascii.h"
#include "eventlog/base/check.h"
#include "eventlog/base/trace.h"
#include "server/auth/json_object.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace slipway {

namespace {

bool has_scheme(const std::string& url, bool allow_http) {
    return url.starts_with("https://") || (allow_http && url.starts_with("http://"));
}

// OpenID Connect Discovery 1.0, section 4: a slash at the end goes before the path is appended.
std::string discovery_url(std::string issuer) {
    if (issuer.ends_with('/')) issuer.pop_back();
    return issuer + "/.well-known/openid-configuration";
}

}  // namespace

Seconds keys_age_of(const std::string* cache_control) {
    if (cache_control == nullptr) return kKeysAgeDefault;
    constexpr std::string_view kMaxAge = "max-age=";
    const std::string lower = lower_case(*cache_control);
    Seconds age = kKeysAgeDefault;
    for (std::string_view rest = lower; !rest.empty();) {
        const auto directive = stripped(cut_off(rest, ','));
        if (directive == "no-store" || directive == "no-cache") return kKeysAgeMin;
        if (!directive.starts_with(kMaxAge)) continue;
        const auto digits = directive.substr(kMaxAge.size());
        std::uint32_t seconds = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
        if (read.ec == std::errc::result_out_of_range) age = kKeysAgeMax;
        if (read.ec == std::errc{} && read.ptr == digits.data() + digits.size()) {
            age = Seconds{seconds};
        }
    }
    return std::clamp(age, kKeysAgeMin, kKeysAgeMax);
}

Result<void> IssuerKeys::check(const Settings& settings) {
    const auto refused = [](const std::string& url, const std::string& expected) {
        return Error{ErrorCode::invalid, "oidc: \"" + url + "\" is no " + expected};
    };
    if (!has_scheme(settings.issuer, settings.allow_http)) {
        return refused(settings.issuer, "https:// URL of an issuer");
    }
    if (settings.issuer.find_first_of("?#") != std::string::npos) {
        return refused(settings.issuer, "issuer: it has a query or a fragment");
    }
    if (!settings.jwks_url.empty() && !has_scheme(settings.jwks_url, settings.allow_http)) {
        return refused(settings.jwks_url, "https:// URL of a key set");
    }
    return {};
}

IssuerKeys::IssuerKeys(HttpClient& client, const Clock& clock, Settings settings,
                       std::function<void(KeySet)> use)
    : client_(client), clock_(clock), settings_(std::move(settings)), use_(std::move(use)) {
    CHECK(check(settings_));
}

IssuerKeys::~IssuerKeys() {
    if (request_ != 0) client_.cancel(request_);
}

Instant IssuerKeys::tick(Instant now) {
    // A clock that was set back must not keep old keys in use for longer than that.
    due_ = std::min(due_, now + kKeysAgeMax);
    if (now < due_) return due_;
    // Until it is known how this fetch ends.
    due_ = now + kKeysFetchPause;
    if (request_ != 0) return due_;
    begun_ = now;
    if (settings_.jwks_url.empty()) {
        get(discovery_url(settings_.issuer), &IssuerKeys::read_discovery);
    } else {
        get(settings_.jwks_url, &IssuerKeys::read_keys);
    }
    return due_;
}

void IssuerKeys::miss() {
    const Instant now = clock_.now();
    due_ = std::min(due_, std::max(now, std::min(begun_, now) + kKeysFetchPause));
}

void IssuerKeys::get(const std::string& url, Step next) {
    HttpRequest request;
    request.method = "GET";
    request.url = url;
    request.headers = {{"Accept", "application/json, application/jwk-set+json"}};
    request.timeout = kKeysFetchTimeout;
    request.response_bytes_max = kKeysAnswerBytesMax;
    request_ = client_.send(std::move(request), [this, next](auto answer) {
        request_ = 0;
        if (const auto* const error = std::get_if<HttpError>(&answer)) return fail(error->message);
        const auto& response = std::get<HttpResponse>(answer);
        if (response.status != 200) {
            return fail("status " + std::to_string(response.status) + ", expected 200");
        }
        (this->*next)(response);
    });
}

void IssuerKeys::read_discovery(const HttpResponse& response) {
    const auto document = json_object_of(response.body);
    if (!document) return fail("the discovery document is no object of JSON whose names differ");
    if (!is_text(member(*document, "issuer"), settings_.issuer)) {
        return fail("the discovery document is of another issuer");
    }
    const std::string* const url = text_in(member(*document, "jwks_uri"));
    if (url == nullptr || !has_scheme(*url, settings_.allow_http)) {
        return fail("jwks_uri is no https:// URL");
    }
    get(*url, &IssuerKeys::read_keys);
}

void IssuerKeys::read_keys(const HttpResponse& response) {
    auto keys = KeySet::parse(response.body);
    if (!keys) return fail(keys.error().message);
    due_ = clock_.now() + keys_age_of(response.header("cache-control"));
    trace(keys->size() > 0 ? TraceLevel::info : TraceLevel::warning,
          "oidc: the issuer's keys were fetched: " + std::to_string(keys->size()) + " of use, " +
              std::to_string(keys->left_out()) + " left out");
    use_(std::move(*keys));
}

void IssuerKeys::fail(const std::string& why) {
    due_ = clock_.now() + kKeysRetryPause;
    trace(TraceLevel::warning,
          "oidc: the issuer's keys were not fetched, those known stay in use: " + why);
}

}  // namespace slipway
