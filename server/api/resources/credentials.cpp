// Credentials of targets: written, and never read again.

#include "eventlog/base/trace.h"
#include "projections/render.h"
#include "server/api/conditional.h"
#include "server/api/exchange.h"
#include "server/api/page_read.h"
#include "server/api/problem.h"
#include "server/api/resources/handlers.h"
#include "server/domain/text_rules.h"

namespace slipway {

namespace {

const Credential* find_credential(const Call& call, CredentialId id) {
    return call.state().teams().find(call.team(), id);
}

// Of the one in the path. Nil, which none has, if there is none.
CredentialId named(const Call& call) {
    const auto id = CredentialId::parse(call.parameters.front());
    return id && find_credential(call, *id) != nullptr ? *id : CredentialId{};
}

Reply no_such_credential(const Call& call) {
    return not_found(call, "credential_not_found", "credential", call.parameters.front());
}

Reply credential_reply(const Call& call, int status, CredentialId id) {
    const Credential& credential = *find_credential(call, id);
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

// A key that is not needed tells nothing, as what it sealed came to no log.
void tell_if_kept(const Result<void>& destroyed) {
    if (!destroyed) trace(TraceLevel::error, "a key is left over: " + destroyed.error().message);
}

// Seals a secret with a key of its own, which is durable then.
class Sealing final : public Errand {
  public:
    Sealing(CredentialKeys& keys, std::string secret, std::string previous)
        : keys_(keys), secret_(std::move(secret)), previous_(std::move(previous)) {}

    void run() override { sealed_ = keys_.seal(secret_, previous_); }
    void undo() override {
        if (sealed_ && *sealed_) tell_if_kept(keys_.discard((*sealed_)->key));
    }

    // Requires: it was run.
    const Result<SealedSecret>& sealed() const { return *sealed_; }

  private:
    CredentialKeys& keys_;
    const std::string secret_;
    const std::string previous_;
    std::optional<Result<SealedSecret>> sealed_;
};

// The state allows it before a key is made for it; and keys are made slowly, by one disk for all.
std::optional<Reply> refusal_of(const Call& call, const Command& command) {
    const Decision decision = call.services.engine.consider(command, call.principal);
    if (const auto* const rejection = std::get_if<Rejection>(&decision)) {
        return problem(call.request, *rejection);
    }
    const auto verdict = call.services.key_changes.take({}, call.team(), call.services.clock.now());
    if (!verdict || verdict->is_allowed) return std::nullopt;
    return too_many(call.request, *verdict, "changes of a team's credentials");
}

// Seals `secret`, and submits `command` with it when the handler is called again.
template <class SomeCommand>
std::variant<Receipt, Reply> submit_sealed(const Call& call, SomeCommand command,
                                           const std::string& secret,
                                           const std::string& previous = {}) {
    if (!call.errand) {
        if (auto refusal = refusal_of(call, command)) return std::move(*refusal);
        Reply reply;
        reply.errand = std::make_shared<Sealing>(call.services.credential_keys, secret, previous);
        return reply;
    }
    const auto sealing = std::static_pointer_cast<Sealing>(call.errand);
    if (!sealing->sealed()) return problem(call.request, sealing->sealed().error());
    command.secret = *sealing->sealed();
    auto submitted = submit(call, command);
    if (std::holds_alternative<Receipt>(submitted)) sealing->use();
    return submitted;
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
    auto submitted = submit_sealed(call, std::move(command), secret);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const Event& event = std::get<Receipt>(submitted).events.front();
    const CredentialId id = std::get<CredentialStored>(event).credential;
    Reply reply = credential_reply(call, 201, id);
    add_location(call, reply, "/v1/credentials/" + id.text());
    return reply;
}

Reply list_credentials(const Call& call) {
    const auto all = [&call]() -> const std::map<CredentialId, Credential>& {
        return call.state().teams().find(call.team())->credentials;
    };
    return reading_all<std::map<CredentialId, Credential>>(
        call, all, [](JsonWriter& json, CredentialId id, const Credential& one) {
            write_json(json, id, one);
        });
}

Reply get_credential(const Call& call) {
    const CredentialId id = named(call);
    return id.is_nil() ? no_such_credential(call) : credential_reply(call, 200, id);
}

Reply rotate_credential(const Call& call) {
    const CredentialId id = named(call);
    if (id.is_nil()) return no_such_credential(call);
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const Credential& credential = *find_credential(call, id);
    const std::string secret = read_secret(fields, credential.kind);
    fields.finish();
    if (!errors.empty()) return problem(call.request, errors);
    if (auto other = stale(call, credential.version)) return std::move(*other);
    auto submitted =
        submit_sealed(call, RotateCredential{call.team(), id, {}}, secret, credential.secret.key);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    Reply reply = credential_reply(call, 200, id);
    // Not before: the old one may be all there is. If the disk refuses, the next start destroys it.
    reply.before_sent = [&keys = call.services.credential_keys,
                         key = find_credential(call, id)->secret.key] {
        tell_if_kept(keys.destroy_before(key));
    };
    return reply;
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
    const Credential& credential = *find_credential(call, id);
    if (auto other = stale(call, credential.version)) return std::move(*other);
    const std::string key = credential.secret.key;
    if (auto refusal = refusal_of(call, command)) return std::move(*refusal);
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    Reply reply = result(200, [&](JsonWriter& json) {
        json.begin_object();
        json.member("id", id);
        json.member("deleted", true);
        json.end_object();
    });
    // Not before: with no event of it, the credential would be there after a crash, and of no use.
    // If the disk refuses, the next start destroys it.
    reply.before_sent = [&keys = call.services.credential_keys, key] {
        tell_if_kept(keys.destroy_line(key));
    };
    return reply;
}

}  // namespace slipway
