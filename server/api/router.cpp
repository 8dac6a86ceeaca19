#include "server/api/router.h"

#include "eventlog/base/ascii.h"
#include "eventlog/base/digest.h"
#include "eventlog/base/quote.h"
#include "server/api/accept.h"
#include "server/api/exchange.h"
#include "server/api/problem.h"
#include "server/auth/issuer_keys.h"
#include "server/auth/secrets.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace slipway {

namespace {

// Whether `path` has the form of `pattern`; then `parameters` holds what stands in place of {…}.
bool matches(std::string_view pattern, std::string_view path,
             std::vector<std::string>& parameters) {
    parameters.clear();
    while (true) {
        const auto pattern_end = std::min(pattern.find('/', 1), pattern.size());
        const auto path_end = std::min(path.find('/', 1), path.size());
        const auto wanted = pattern.substr(0, pattern_end);
        const auto found = path.substr(0, path_end);
        if (wanted.starts_with("/{")) {
            if (found.size() < 2) return false;
            parameters.emplace_back(found.substr(1));
        } else if (wanted != found) {
            return false;
        }
        pattern.remove_prefix(pattern_end);
        path.remove_prefix(path_end);
        if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
    }
}

// Whether the parameters of a type name no encoding but UTF-8 (RFC 8259, 8.1).
bool are_utf8(std::string_view parameters) {
    while (!parameters.empty()) {
        auto value = cut_off(parameters, ';');
        if (!equal_in_any_case(stripped(cut_off(value, '=')), "charset")) continue;
        value = stripped(value);
        const bool quoted = value.size() > 1 && value.front() == '"' && value.back() == '"';
        if (quoted) value = value.substr(1, value.size() - 2);
        if (!equal_in_any_case(value, "utf-8")) return false;
    }
    return true;
}

bool is_json(std::string_view content_type, Method method) {
    const auto mark = std::min(content_type.find(';'), content_type.size());
    const auto type = stripped(content_type.substr(0, mark));
    if (!are_utf8(content_type.substr(mark))) return false;
    return equal_in_any_case(type, "application/json") ||
           (method == Method::patch && equal_in_any_case(type, "application/merge-patch+json"));
}

// RFC 6750, 3.1: only who sent a token is told that it is not a good one.
Reply unauthorized(const Request& request, std::string_view why, bool sent) {
    Reply reply = problem(request, 401, "unauthorized", why);
    std::string challenge = R"(Bearer realm="slipway")";
    if (sent) challenge += R"(, error="invalid_token")";
    reply.headers.emplace_back("WWW-Authenticate", std::move(challenge));
    return reply;
}

// The issuer may have made a key that is not known here yet. A 401 would make the client throw a
// good token away, so it is answered only if keys were fetched since the request came.
Reply key_not_known(const Call& call) {
    if (call.services.tokens.key_sets() > call.key_sets) {
        return unauthorized(call.request,
                            "the issuer does not publish the key that this token names", true);
    }
    Reply reply = problem(call.request, 503, "key_not_known",
                          "the issuer's key that this token names is not known here; the issuer is "
                          "asked for its keys");
    reply.headers.emplace_back("Retry-After", std::to_string(kKeysFetchPause.count()));
    reply.awaits_keys = true;
    return reply;
}

std::optional<std::string_view> bearer_of(const Request& request) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view found = request.authorization;
    if (!found.starts_with(kBearer)) return std::nullopt;
    return found.substr(kBearer.size());
}

std::optional<TeamId> team_of(const Request& request, const Claims& claims, const Teams& teams) {
    if (claims.team) return claims.team;
    if (!request.team.empty()) return TeamId::parse(request.team).value_or(TeamId{});
    const auto& mine = teams.teams_of(claims.user);
    if (mine.size() == 1) return mine.front();
    return std::nullopt;
}

// A token of one team, whose bearer names another.
std::optional<Reply> refuse_other_team(const Call& call) {
    const std::string& named = call.request.team;
    if (!call.only_team || named.empty() || named == call.only_team->text()) return std::nullopt;
    return problem(call.request, 403, "not_a_member", "the token is another team's");
}

// Fills in the principal, or says why this token may not do this.
std::optional<Reply> refuse(Permission permission, const Claims& claims, Call& call) {
    call.principal.actor = {ActorKind::user, claims.user, claims.token_id};
    call.principal.admin = claims.admin;
    call.token_role.reset();
    call.only_team = claims.team;
    if (auto refusal = refuse_other_team(call)) return refusal;
    if (permission == Permission::none) return std::nullopt;
    if (permission == Permission::operate) {
        if (claims.admin) return std::nullopt;
        return problem(call.request, 403, "forbidden", "this needs the token of an admin");
    }
    const Teams& teams = call.state().teams();
    const auto team = team_of(call.request, claims, teams);
    if (!team) {
        return problem(call.request, 403, "team_needed",
                       teams.teams_of(claims.user).empty()
                           ? "the token's user is in no team: make one, or accept an invitation"
                           : "the token's user is in several teams (GET /v1/teams): name one in "
                             "the header Slipway-Team");
    }
    const auto role = teams.role_of(claims.user, *team);
    if (!role) {
        return problem(call.request, 403, "not_a_member", "the token's user is not in that team");
    }
    call.principal.team = *team;
    if (allows(*role, permission)) return std::nullopt;
    return problem(call.request, 403, "forbidden",
                   "the role of a " + std::string{name_of(*role)} + " does not allow this");
}

// Who may use the same key for another thing.
std::string scope_of(const Route& route, const Call& call) {
    if (route.is(Route::kCallback)) return call.request.authorization;
    // Two API tokens of one issuer are two users of keys; so are a token of a team and one of none,
    // which may see more.
    return call.principal.actor.user.text() + (call.token_role ? call.principal.actor.token : "") +
           (call.only_team ? call.only_team->text() : "");
}

// As its handler answers; with an Idempotency-Key, as it answered the first time.
Reply call_once(const Route& route, Call& call) {
    const std::string& key = call.request.idempotency_key;
    if (key.empty() || route.method == Method::get) return route.operation.answer(call);
    if (!is_idempotency_key(key)) {
        return problem(call.request, 422, "invalid_idempotency_key",
                       "Idempotency-Key is 1 to 255 visible ASCII characters");
    }
    Services& services = call.services;
    // The team of a deployment is not known here once it has left the memory.
    const bool is_target = call.principal.actor.kind == ActorKind::target;
    const auto keyed = Idempotency::keyed(call.request, scope_of(route, call),
                                          is_target ? TeamId{} : call.principal.team);
    call.origin.idempotency_key_digest = bytes_of(keyed.name);
    Reply reply = services.idempotency.once(call.request, keyed, [&]() -> Idempotency::Answer {
        Reply made = route.operation.answer(call);
        return {std::move(made), call.changes.last_unit};
    });
    if (!reply.is_shown_anew || reply.rest) return reply;
    call.shows_anew = true;
    Reply anew = route.operation.answer(call);
    anew.headers.emplace_back("Idempotency-Replayed", "true");
    return anew;
}

// An API token speaks for its team, in its role, whatever became of who issued it.
std::optional<Reply> refuse_api_token(Permission permission, std::string_view token, Call& call) {
    const Teams& teams = call.state().teams();
    const auto known = teams.token_of(hex_of(bytes_of(sha256(token))));
    if (!known) return unauthorized(call.request, "the token is not known, or was revoked", true);
    const ApiToken& found = teams.find(known->team)->tokens.at(known->id);
    if (found.expires_at <= call.services.clock.now()) {
        return unauthorized(call.request, "expired at " + to_text(found.expires_at), true);
    }
    call.principal.actor = {ActorKind::user, found.issued_by, known->id.text()};
    call.principal.team = known->team;
    call.principal.admin = false;
    call.token_role = found.role;
    call.only_team = known->team;
    if (auto refusal = refuse_other_team(call)) return refusal;
    if (permission == Permission::none || allows(found.role, permission)) return std::nullopt;
    return problem(
        call.request, 403, "forbidden",
        "the token's role, " + std::string{name_of(found.role)} + ", does not allow this");
}

// Counts the request, and refuses it if there were too many.
std::optional<Reply> refuse_haste(Call& call) {
    call.rate = call.services.rate_limits.take(call.request.authorization, call.team(),
                                               call.services.clock.now());
    if (!call.rate || call.rate->is_allowed) return std::nullopt;
    return too_many(call.request, *call.rate, "requests");
}

void tell_rate(const RateLimits::Verdict& rate, Reply& reply) {
    reply.headers.emplace_back("RateLimit-Limit", std::to_string(rate.limit));
    reply.headers.emplace_back("RateLimit-Remaining", std::to_string(rate.remaining));
    reply.headers.emplace_back("RateLimit-Reset", std::to_string(rate.reset.count()));
}

// The reply to a body that is not JSON as it stands.
std::optional<Reply> refuse_form(const Request& request) {
    if (request.body.empty()) return std::nullopt;
    if (!lists_only(request.content_encoding, "identity")) {
        Reply reply = problem(request, 415, "unsupported_media_type",
                              "the body is encoded as " + shortened(request.content_encoding) +
                                  "; send it as it is, without Content-Encoding");
        // RFC 9110, 15.5.16: it is the encoding, and not the type.
        reply.headers.emplace_back("Accept-Encoding", "identity");
        return reply;
    }
    if (is_json(request.content_type, request.method)) return std::nullopt;
    return problem(
        request, 415, "unsupported_media_type",
        "the body is " +
            (request.content_type.empty() ? "of no type" : shortened(request.content_type)) +
            "; send Content-Type: application/json, in UTF-8");
}

// Refusals that tell nothing of the state: sent at once, so that a client with a bad token or a
// mistyped path is answered while the disk hangs.
bool tells_nothing(const Route& route, int status) {
    constexpr int kSuch[] = {400, 401, 403, 405, 406, 413, 415, 429, 503};
    if (std::find(std::begin(kSuch), std::end(kSuch), status) != std::end(kSuch)) return true;
    return status == 422 && route.method == Method::get;  // of parameters
}

// The last change that `reply` to `call` shows.
Position shown_by(const Route& route, const Call& call, const Reply& reply) {
    const Position now = call.state().position();
    if (call.changes.last_unit) return now;
    if (tells_nothing(route, reply.status)) return {};
    if (reply.shows) return *reply.shows;
    return call.team().is_nil() ? now : call.services.engine.pending().of_team(call.team());
}

Reply call_route(const Route& route, Call& call) {
    const Request& request = call.request;
    if (!route.media.empty() && !accepts(request.accept, route.media)) {
        return problem(request, 406, "not_acceptable", "answers are " + std::string{route.media});
    }
    if (route.is(Route::kCallback)) {
        if (auto refusal = route.authorizer(call)) return std::move(*refusal);
    } else if (!route.is(Route::kPublic)) {
        auto refusal = authorize(route.permission, call);
        if (refusal && (refusal->status == 401 || refusal->awaits_keys)) return std::move(*refusal);
        // Who asks is known, and counted, whether they may or not.
        if (auto haste = refuse_haste(call)) return std::move(*haste);
        if (refusal) return std::move(*refusal);
    }
    if (!route.is(Route::kParameters)) {
        if (auto refusal = refuse_parameters(call)) return std::move(*refusal);
    }
    if (auto refusal = refuse_form(request)) return std::move(*refusal);
    return call_once(route, call);
}

}  // namespace

std::optional<Reply> authorize(Permission permission, Call& call) {
    const auto token = bearer_of(call.request);
    if (!token) {
        return unauthorized(call.request, "send the token as Authorization: Bearer …", false);
    }
    if (token->starts_with(kApiTokenPrefix)) return refuse_api_token(permission, *token, call);
    const auto claims = call.services.tokens.verify(*token, call.services.clock.now());
    if (!claims && claims.error().code == ErrorCode::not_found) return key_not_known(call);
    if (!claims) return unauthorized(call.request, claims.error().message, true);
    const auto revoked_before = call.state().installation().tokens_revoked_before(claims->user);
    if (revoked_before && (!claims->issued_at || *claims->issued_at < *revoked_before)) {
        return unauthorized(call.request,
                            "the tokens of its user that were issued before " +
                                to_text(*revoked_before) + ", or do not say when, are revoked",
                            true);
    }
    return refuse(permission, *claims, call);
}

bool is_still_allowed(Permission permission, const Request& request, Services& services,
                      TeamId team) {
    Changes none;
    Call call{request, services, none, {}, {}, {}, {}, {}, {}, 0};
    if (authorize(permission, call)) return false;
    return team.is_nil() || call.team() == team;
}

UserId client_of(const Request& request, const Services& services) {
    const auto token = bearer_of(request);
    if (!token) return {};
    if (!token->starts_with(kApiTokenPrefix)) return services.tokens.known_user(*token);
    const Teams& teams = services.engine.state().teams();
    const auto known = teams.token_of(hex_of(bytes_of(sha256(*token))));
    return known ? teams.find(known->team)->tokens.at(known->id).issued_by : UserId{};
}

bool is_probe(const Request& request) {
    return request.path == "/healthz" || request.path == "/readyz";
}

Answering::Answering(const Request& request, Services& services, std::span<const Route> routes,
                     std::uint64_t key_sets)
    : call_{request, services, changes_, {},
            {},      {},       {},       {request.request_id, {}, request.traceparent},
            {},      key_sets},
      routes_(routes) {}

std::optional<Reply> Answering::go_on(const Turn& turn) {
    if (!rest_) {
        Reply reply = call_.errand ? after_errand() : begin();
        if (reply.errand) {
            call_.errand = reply.errand;
            errand_ = std::move(reply.errand);
            return std::nullopt;
        }
        if (!reply.rest) return route_ == nullptr ? std::move(reply) : finished(std::move(reply));
        rest_ = std::move(reply.rest);
        headers_ = std::move(reply.headers);
    }
    return go_on_with_rest(turn);
}

std::optional<Reply> Answering::go_on_with_rest(const Turn& turn) {
    while (true) {
        auto reply = rest_->go_on(turn);
        if (!reply) return std::nullopt;
        std::move(reply->headers.begin(), reply->headers.end(), std::back_inserter(headers_));
        if (!reply->rest) {
            reply->headers = std::move(headers_);
            return finished(std::move(*reply));
        }
        rest_ = std::move(reply->rest);
    }
}

Reply Answering::begin() {
    const Request& request = call_.request;
    Services& services = call_.services;
    std::string allowed;
    for (const Route& route : routes_) {
        if (!matches(route.path, request.path, call_.parameters)) continue;
        if (route.method != request.method) {
            allowed += (allowed.empty() ? "" : ", ") + std::string{name_of(route.method)};
            if (route.method == Method::get) allowed += ", HEAD";
            continue;
        }
        route_ = &route;
        const bool refused = services.draining && !route.is(Route::kWhileDraining);
        return refused ? draining(request) : call_route(route, call_);
    }
    if (!allowed.empty() && services.cors.is_preflight(request)) {
        Reply reply;
        Cors::answer_preflight(reply, allowed);
        return reply;
    }
    Reply reply = allowed.empty()
                      ? problem(request, 404, "no_such_route",
                                "there is nothing at " + shortened(request.path))
                      : problem(request, 405, "method_not_allowed", "accepted here: " + allowed);
    if (!allowed.empty()) reply.headers.emplace_back("Allow", allowed);
    reply.position = services.engine.durable_position();
    return reply;
}

// Calls the handler again. Who asks may have lost the right to meanwhile.
Reply Answering::after_errand() {
    const std::shared_ptr<Errand> errand = call_.errand;
    auto refusal = authorize(route_->permission, call_);
    Reply reply = refusal ? std::move(*refusal) : call_once(*route_, call_);
    reply.awaits_keys = false;  // it would be answered from the beginning
    if (!errand->is_used()) reply.before_sent = [errand] { errand->undo(); };
    return reply;
}

// A reply shows nothing that is not durable, and waits for nothing else.
Reply Answering::finished(Reply reply) const {
    reply.route = route_->path;
    if (call_.rate) tell_rate(*call_.rate, reply);
    reply.position = std::max({reply.position, shown_by(*route_, call_, reply),
                               call_.services.engine.durable_position()});
    return reply;
}

}  // namespace slipway
