// API tokens and invitations: secrets that are made here, shown once, and known by their digest
// from then on.

#include "eventlog/base/digest.h"
#include "projections/render.h"
#include "server/api/exchange.h"
#include "server/api/page_read.h"
#include "server/api/problem.h"
#include "server/api/resources/handlers.h"
#include "server/auth/secrets.h"

namespace slipway {

namespace {

std::uint32_t days_of(Fields& fields, std::uint32_t otherwise) {
    const auto days = fields.integer("expires_in_days", 1, 100'000);
    return days ? static_cast<std::uint32_t>(*days) : otherwise;
}

// Shows what was made, with its secret: this once.
template <class SomeId, class Made>
Reply shown_once(SomeId id, const Made& made, const std::string& secret) {
    return result(201, [&](JsonWriter& json) {
        write_json(json, id, made, [&] { json.member("secret", secret); });
    });
}

template <class SomeId>
Reply revoked(SomeId id) {
    return result(200, [&](JsonWriter& json) {
        json.begin_object();
        json.member("id", id);
        json.member("revoked", true);
        json.end_object();
    });
}

}  // namespace

Reply issue_token(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const std::string secret = new_api_token();
    IssueToken command;
    command.team = call.team();
    command.name = required_text(fields, "name", "what it is for");
    command.role = required_role(fields);
    command.days = days_of(fields, command.days);
    command.secret_sha256 = hex_of(bytes_of(sha256(secret)));
    fields.finish();
    if (!errors.empty()) return refused(call, command, std::move(errors));
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const TokenId id = call.state().teams().token_of(command.secret_sha256)->id;
    return shown_once(id, call.state().teams().find(call.team())->tokens.at(id), secret);
}

Reply list_tokens(const Call& call) {
    const auto all = [&call]() -> const std::map<TokenId, ApiToken>& {
        return call.state().teams().find(call.team())->tokens;
    };
    return reading_all<std::map<TokenId, ApiToken>>(
        call, all,
        [](JsonWriter& json, TokenId id, const ApiToken& one) { write_json(json, id, one); });
}

Reply revoke_token(const Call& call) {
    const auto id = TokenId::parse(call.parameters.front());
    if (!id) return not_found(call, "token_not_found", "token", call.parameters.front());
    if (auto refusal = refuse_fields(call)) return std::move(*refusal);
    auto submitted = submit(call, RevokeToken{call.team(), *id});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return revoked(*id);
}

Reply invite_member(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const std::string secret = new_invitation();
    InviteMember command;
    command.team = call.team();
    command.email = fields.text("email").value_or("");
    command.role = required_role(fields);
    command.days = days_of(fields, command.days);
    command.secret_sha256 = hex_of(bytes_of(sha256(secret)));
    fields.finish();
    if (!errors.empty()) return refused(call, command, std::move(errors));
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const InvitationId id = call.state().teams().invitation_of(command.secret_sha256)->id;
    return shown_once(id, call.state().teams().find(call.team())->invitations.at(id), secret);
}

Reply list_invitations(const Call& call) {
    const auto all = [&call]() -> const std::map<InvitationId, Invitation>& {
        return call.state().teams().find(call.team())->invitations;
    };
    return reading_all<std::map<InvitationId, Invitation>>(
        call, all, [](JsonWriter& json, InvitationId id, const Invitation& one) {
            write_json(json, id, one);
        });
}

Reply revoke_invitation(const Call& call) {
    const auto id = InvitationId::parse(call.parameters.front());
    if (!id) return not_found(call, "invitation_not_found", "invitation", call.parameters.front());
    if (auto refusal = refuse_fields(call)) return std::move(*refusal);
    auto submitted = submit(call, RevokeInvitation{call.team(), *id});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return revoked(*id);
}

Reply accept_invitation(const Call& call) {
    if (call.only_team) return not_for_tokens(call);
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const std::string secret =
        required_text(fields, "secret", "what the invitation was answered with");
    AcceptInvitation command{hex_of(bytes_of(sha256(secret))), call.principal.actor.user,
                             fields.text("name").value_or("")};
    fields.finish();
    if (!errors.empty()) return refused(call, command, std::move(errors));
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const TeamId team{stream_of(std::get<Receipt>(submitted).events.front())};
    return result(200,
                  [&](JsonWriter& json) { write_json(json, *call.state().teams().find(team)); });
}

}  // namespace slipway
