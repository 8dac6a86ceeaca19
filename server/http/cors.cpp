#include "server/http/cors.h"

#include "eventlog/base/origin.h"
#include "eventlog/base/quote.h"
#include "server/http/host.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

// How long a browser may remember the answer to a preflight, so that a change of the settings is
// seen soon.
constexpr std::string_view kPreflightSeconds = "600";

constexpr std::string_view kRequestHeaders =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
    "Slipway-Min-Position, Slipway-Team, traceparent, X-Request-Id";

constexpr std::string_view kExposedHeaders =
    "Allow, ETag, Idempotency-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, "
    "RateLimit-Reset, Retry-After, Slipway-Chained-To, Slipway-Position, WWW-Authenticate, "
    "X-Request-Id";

bool is_origin(std::string_view text) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!text.starts_with(scheme)) continue;
        return is_host(text.substr(scheme.size())) && origin_of(text) == text;
    }
    return false;
}

}  // namespace

Result<Cors> Cors::of(std::vector<std::string> origins) {
    for (const std::string& one : origins) {
        if (is_origin(one)) continue;
        return Error{ErrorCode::invalid,
                     "cors: " + in_quotes(one) +
                         " is not an origin as a browser sends it, such as https://ui.example.com "
                         "or http://localhost:3000"};
    }
    Cors cors;
    cors.origins_ = std::move(origins);
    return cors;
}

bool Cors::allows(std::string_view origin) const {
    return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

void Cors::answer_preflight(Reply& reply, std::string_view methods) {
    reply.status = 204;
    reply.headers.emplace_back("Access-Control-Allow-Methods", methods);
    reply.headers.emplace_back("Access-Control-Allow-Headers", kRequestHeaders);
    reply.headers.emplace_back("Access-Control-Max-Age", kPreflightSeconds);
}

void Cors::append_headers(std::string& out, const Request& request) const {
    if (origins_.empty()) return;
    // What is allowed depends on who asks, also where nothing is.
    out += "\r\nVary: Origin";
    if (!allows(request.origin)) return;
    out += "\r\nAccess-Control-Allow-Origin: ";
    out += request.origin;
    if (request.is_preflight) return;
    out += "\r\nAccess-Control-Expose-Headers: ";
    out += kExposedHeaders;
}

}  // namespace slipway
