#include "eventlog/events/codec_parts.h"

namespace slipway::codec {

flatbuffers::Offset<wire::MemberInvited> write(Builder& to, const MemberInvited& from) {
    const auto team = wire_of(from.team.uuid);
    const auto invitation = wire_of(from.invitation.uuid);
    const auto email = write(to, from.email);
    const auto secret_sha256 = write(to, from.secret_sha256);
    wire::MemberInvitedBuilder made{to};
    made.add_team(&team);
    made.add_invitation(&invitation);
    if (!email.IsNull()) made.add_email(email);
    made.add_role(number_of(from.role));
    made.add_expires_at(number_of(from.expires_at));
    if (!secret_sha256.IsNull()) made.add_secret_sha256(secret_sha256);
    return made.Finish();
}

bool read(const wire::MemberInvited* from, MemberInvited& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->invitation(), to.invitation) &&
           read(from->email(), to.email) && read(from->role(), to.role) &&
           read(from->expires_at(), to.expires_at) && read(from->secret_sha256(), to.secret_sha256);
}

flatbuffers::Offset<wire::InvitationAccepted> write(Builder& to, const InvitationAccepted& from) {
    const auto team = wire_of(from.team.uuid);
    const auto invitation = wire_of(from.invitation.uuid);
    const auto user = wire_of(from.user.uuid);
    wire::InvitationAcceptedBuilder made{to};
    made.add_team(&team);
    made.add_invitation(&invitation);
    made.add_user(&user);
    return made.Finish();
}

bool read(const wire::InvitationAccepted* from, InvitationAccepted& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->invitation(), to.invitation) &&
           read(from->user(), to.user);
}

flatbuffers::Offset<wire::InvitationRevoked> write(Builder& to, const InvitationRevoked& from) {
    const auto team = wire_of(from.team.uuid);
    const auto invitation = wire_of(from.invitation.uuid);
    wire::InvitationRevokedBuilder made{to};
    made.add_team(&team);
    made.add_invitation(&invitation);
    return made.Finish();
}

bool read(const wire::InvitationRevoked* from, InvitationRevoked& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->invitation(), to.invitation);
}

flatbuffers::Offset<wire::TokenIssued> write(Builder& to, const TokenIssued& from) {
    const auto team = wire_of(from.team.uuid);
    const auto token = wire_of(from.token.uuid);
    const auto name = write(to, from.name);
    const auto secret_sha256 = write(to, from.secret_sha256);
    wire::TokenIssuedBuilder made{to};
    made.add_team(&team);
    made.add_token(&token);
    if (!name.IsNull()) made.add_name(name);
    made.add_role(number_of(from.role));
    made.add_expires_at(number_of(from.expires_at));
    if (!secret_sha256.IsNull()) made.add_secret_sha256(secret_sha256);
    return made.Finish();
}

bool read(const wire::TokenIssued* from, TokenIssued& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->token(), to.token) &&
           read(from->name(), to.name) && read(from->role(), to.role) &&
           read(from->expires_at(), to.expires_at) && read(from->secret_sha256(), to.secret_sha256);
}

flatbuffers::Offset<wire::TokenRevoked> write(Builder& to, const TokenRevoked& from) {
    const auto team = wire_of(from.team.uuid);
    const auto token = wire_of(from.token.uuid);
    wire::TokenRevokedBuilder made{to};
    made.add_team(&team);
    made.add_token(&token);
    return made.Finish();
}

bool read(const wire::TokenRevoked* from, TokenRevoked& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->token(), to.token);
}

flatbuffers::Offset<wire::DataExported> write(Builder& to, const DataExported& from) {
    wire::DataExportedBuilder made{to};
    made.add_what(number_of(from.what));
    return made.Finish();
}

bool read(const wire::DataExported* from, DataExported& to) {
    if (from == nullptr) return false;
    return read(from->what(), to.what);
}

flatbuffers::Offset<wire::UserTokensRevoked> write(Builder& to, const UserTokensRevoked& from) {
    const auto user = wire_of(from.user.uuid);
    const auto note = write(to, from.note);
    wire::UserTokensRevokedBuilder made{to};
    made.add_issued_before(number_of(from.issued_before));
    made.add_user(&user);
    if (!note.IsNull()) made.add_note(note);
    return made.Finish();
}

bool read(const wire::UserTokensRevoked* from, UserTokensRevoked& to) {
    if (from == nullptr) return false;
    return read(from->user(), to.user) && read(from->issued_before(), to.issued_before) &&
           read(from->note(), to.note);
}

flatbuffers::Offset<wire::TeamReadByAdmin> write(Builder& to, const TeamReadByAdmin& from) {
    const auto admin = wire_of(from.admin.uuid);
    const auto team = wire_of(from.team.uuid);
    wire::TeamReadByAdminBuilder made{to};
    made.add_admin(&admin);
    made.add_team(&team);
    return made.Finish();
}

bool read(const wire::TeamReadByAdmin* from, TeamReadByAdmin& to) {
    if (from == nullptr) return false;
    return read(from->admin(), to.admin) && read(from->team(), to.team);
}

}  // namespace slipway::codec
