// Credentials of targets: written, and never read again.

#include "eventlog/base/trace.h"
#include "projections/render.h"
#include "server/domain/text_rules.h"
#include "server/http/conditional.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/problem.h"

namespace slipway {

namespace {

const Credential* find(const Call& call, CredentialId id) {
    return call.state().teams().find(call.team(), id);
}

// Of the one in the path. Nil, which none has, if there is none.
CredentialId named(const Call& call) {
    const auto id = CredentialId::parse(call.parameters.front());
    return id && find(call, *id) != nullptr ? *id : CredentialId{};
}

Reply no_such_credential(const Call& call) {
    return not_found(call, "credential_not_found", "credential " + call.parameters.front());
}

Reply shown(const Call& call, int status, CredentialId id) {
    const Credential& credential = *find(call, id);
    return versioned(call, status, credential.version, Shows::itself,
                     [&](JsonWriter& json) { write_json(json, id, credential); });
}

std::string read_secret(Fields& fields, CredentialKind kind) {
    const std::size_t before = fields.errors().size();
    std::string secret = required_text(fields, "secret", "what the target is to be shown");
    if (fields.errors().size() == before) {
        check_secret(fields.pointer("secret"), secret, kind, fields.errors());
    }
    return secret;
}

// The state allows it before a key is made, or destroyed, for it.
std::optional<Reply> refusal_of(const Call& call, const Command& command) {
    const Decision decision = call.services.lane.consider(command, call.principal);
    const auto* const rejection = std::get_if<Rejection>(&decision);
    if (rejection == nullptr) return std::nullopt;
    return problem(call.request, *rejection);
}

}  // namespace

Reply store_credential(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    StoreCredential command;
    command.team = call.team();
    command.name = required_text(fields, "name", "what it is for");
    if (fields.member("kind") == nullptr) fields.fail_absent("kind", "bearer, basic or header");
    const auto kind = fields.choice<CredentialKind>("kind");
    command.kind = kind.value_or(CredentialKind::bearer);
    command.username = fields.text("username").value_or("");
    command.header = fields.text("header").value_or("");
    command.origin = required_text(fields, "origin", "whom it is for, https://deploy.example.com,");
    const std::string secret = read_secret(fields, command.kind);
    fields.finish();
    // What else it needs depends on its kind.
    if (!errors.empty() && !kind) return problem(call.request, errors);
    if (!errors.empty()) return refused(call, command, std::move(errors));
    if (auto refusal = refusal_of(call, command)) return std::move(*refusal);
    auto sealed = call.services.credential_keys.seal(secret);
    if (!sealed) return problem(call.request, sealed.error());
    command.secret = std::move(*sealed);
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const Event& event = std::get<Receipt>(submitted).events.front();
    const CredentialId id = std::get<CredentialStored>(event).credential;
    Reply reply = shown(call, 201, id);
    reply.headers.emplace_back("Location", "/v1/credentials/" + id.text());
    return reply;
}

Reply list_credentials(const Call& call) {
    return page([&](JsonWriter& json) {
        for (const auto& [id, one] : call.state().teams().find(call.team())->credentials) {
            write_json(json, id, one);
        }
        return std::string{};
    });
}

Reply get_credential(const Call& call) {
    const CredentialId id = named(call);
    return id.is_nil() ? no_such_credential(call) : shown(call, 200, id);
}

Reply rotate_credential(const Call& call) {
    const CredentialId id = named(call);
    if (id.is_nil()) return no_such_credential(call);
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const Credential& credential = *find(call, id);
    const std::string secret = read_secret(fields, credential.kind);
    fields.finish();
    if (!errors.empty()) return problem(call.request, errors);
    if (auto other = stale(call, credential.version)) return std::move(*other);
    const std::string before = credential.secret.key;
    auto sealed = call.services.credential_keys.seal(secret, before);
    if (!sealed) return problem(call.request, sealed.error());
    auto submitted = submit(call, RotateCredential{call.team(), id, std::move(*sealed)});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    // Registered before the answer is, so that the old secret is gone when that is given.
    CredentialKeys& keys = call.services.credential_keys;
    call.services.lane.when_durable(
        std::get<Receipt>(submitted).position, [&keys, before](const Result<void>& durable) {
            if (!durable) return;
            if (const auto gone = keys.destroy(before); !gone) {
                trace(TraceLevel::error, "the next start destroys it: " + gone.error().message);
            }
        });
    return shown(call, 200, id);
}

Reply shred_credential(const Call& call) {
    const CredentialId id = named(call);
    if (id.is_nil()) return no_such_credential(call);
    std::vector<FieldError> errors;
    Filters filters{call.request, errors};
    ShredCredential command{call.team(), id, filters.flag("force")};
    filters.finish();
    if (!errors.empty()) return problem(call.request, errors);
    if (auto refusal = refuse_fields(call)) return std::move(*refusal);
    const Credential& credential = *find(call, id);
    if (auto other = stale(call, credential.version)) return std::move(*other);
    if (auto refusal = refusal_of(call, command)) return std::move(*refusal);
    // First the key: it must be gone when the answer, or the log, says so.
    const auto gone = call.services.credential_keys.destroy(credential.secret.key);
    if (!gone) return problem(call.request, gone.error());
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return result(200, [&](JsonWriter& json) {
        json.begin_object();
        json.member("id", id);
        json.member("deleted", true);
        json.end_object();
    });
}

}  // namespace slipway
