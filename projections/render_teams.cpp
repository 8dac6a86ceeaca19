// The JSON forms of teams and what belongs to them, and of the installation.

#include "projections/render.h"
#include "projections/render_parts.h"

namespace slipway {

void write_json(JsonWriter& json, const Team& team) {
    json.begin_object();
    json.member("id", team.id);
    json.member("name", team.name);
    json.key("members");
    json.begin_array();
    for (const auto& [user, member] : team.members) {
        json.begin_object();
        json.member("user", user);
        json.member("name", member.name);
        json.member("role", name_of(member.role));
        json.member("added_at", member.added_at);
        json.end_object();
    }
    json.end_array();
    json.member("created_at", team.created_at);
    json.member("version", team.version.value);
    json.end_object();
}

void write_json(JsonWriter& json, const Installation& installation) {
    json.begin_object();
    json.member("state", installation.is_held() ? "held" : "armed");
    json.key("cause");
    if (installation.is_held()) {
        json.value(name_of(installation.held_reason()));
    } else {
        json.null();
    }
    json.member("reason", installation.note());
    value_or_null(json, "installation", installation.id());
    json.member("host", installation.host());
    json.member("version", installation.version().value);
    json.end_object();
}

void write_json(JsonWriter& json, TokenId id, const ApiToken& token,
                const std::function<void()>& more) {
    json.begin_object();
    json.member("id", id);
    json.member("name", token.name);
    json.member("role", name_of(token.role));
    json.member("created_at", token.created_at);
    id_or_null(json, "created_by", token.issued_by);
    json.member("expires_at", token.expires_at);
    if (more) more();
    json.end_object();
}

void write_json(JsonWriter& json, InvitationId id, const Invitation& invitation,
                const std::function<void()>& more) {
    json.begin_object();
    json.member("id", id);
    json.member("email", invitation.email);
    json.member("role", name_of(invitation.role));
    json.member("created_at", invitation.created_at);
    id_or_null(json, "created_by", invitation.invited_by);
    json.member("expires_at", invitation.expires_at);
    if (more) more();
    json.end_object();
}

void write_json(JsonWriter& json, CredentialId id, const Credential& credential) {
    json.begin_object();
    json.member("id", id);
    json.member("name", credential.name);
    json.member("kind", name_of(credential.kind));
    if (credential.kind == CredentialKind::basic) json.member("username", credential.username);
    if (credential.kind == CredentialKind::header) json.member("header", credential.header);
    json.member("origin", credential.origin);
    json.member("created_at", credential.created_at);
    id_or_null(json, "created_by", credential.stored_by);
    value_or_null(json, "rotated_at", credential.rotated_at);
    json.member("version", credential.version.value);
    json.end_object();
}

}  // namespace slipway
