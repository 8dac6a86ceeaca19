#include "eventlog/events/codec_parts.h"

namespace slipway::codec {

namespace {

flatbuffers::Offset<wire::SealedSecret> write(Builder& to, const SealedSecret& from) {
    const auto key = to.CreateString(from.key);
    const auto ciphertext = to.CreateString(from.ciphertext);
    wire::SealedSecretBuilder made{to};
    made.add_key(key);
    made.add_ciphertext(ciphertext);
    return made.Finish();
}

bool read(const wire::SealedSecret* from, SealedSecret& to) {
    if (from == nullptr) return false;
    return codec::read(from->key(), to.key) && codec::read(from->ciphertext(), to.ciphertext);
}

}  // namespace

flatbuffers::Offset<wire::CredentialStored> write(Builder& to, const CredentialStored& from) {
    const auto team = wire_of(from.team.uuid);
    const auto credential = wire_of(from.credential.uuid);
    const auto name = write(to, from.name);
    const auto username = write(to, from.username);
    const auto header = write(to, from.header);
    const auto origin = write(to, from.origin);
    const auto secret = write(to, from.secret);
    wire::CredentialStoredBuilder made{to};
    made.add_team(&team);
    made.add_credential(&credential);
    if (!name.IsNull()) made.add_name(name);
    made.add_kind(number_of(from.kind));
    if (!username.IsNull()) made.add_username(username);
    if (!header.IsNull()) made.add_header(header);
    if (!origin.IsNull()) made.add_origin(origin);
    made.add_secret(secret);
    return made.Finish();
}

bool read(const wire::CredentialStored* from, CredentialStored& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->credential(), to.credential) &&
           read(from->name(), to.name) && read(from->kind(), to.kind) &&
           read(from->username(), to.username) && read(from->header(), to.header) &&
           read(from->origin(), to.origin) && read(from->secret(), to.secret);
}

flatbuffers::Offset<wire::CredentialRotated> write(Builder& to, const CredentialRotated& from) {
    const auto team = wire_of(from.team.uuid);
    const auto credential = wire_of(from.credential.uuid);
    const auto secret = write(to, from.secret);
    wire::CredentialRotatedBuilder made{to};
    made.add_team(&team);
    made.add_credential(&credential);
    made.add_secret(secret);
    return made.Finish();
}

bool read(const wire::CredentialRotated* from, CredentialRotated& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->credential(), to.credential) &&
           read(from->secret(), to.secret);
}

flatbuffers::Offset<wire::CredentialShredded> write(Builder& to, const CredentialShredded& from) {
    const auto team = wire_of(from.team.uuid);
    const auto credential = wire_of(from.credential.uuid);
    wire::CredentialShreddedBuilder made{to};
    made.add_team(&team);
    made.add_credential(&credential);
    return made.Finish();
}

bool read(const wire::CredentialShredded* from, CredentialShredded& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->credential(), to.credential);
}

}  // namespace slipway::codec
