#include "eventlog/events/codec_parts.h"

namespace slipway::codec {

flatbuffers::Offset<wire::InstallationClaimed> write(Builder& to, const InstallationClaimed& from) {
    const auto installation = wire_of(from.installation.uuid);
    const auto host = write(to, from.host);
    wire::InstallationClaimedBuilder made{to};
    made.add_installation(&installation);
    if (!host.IsNull()) made.add_host(host);
    made.add_reason(number_of(from.reason));
    return made.Finish();
}

bool read(const wire::InstallationClaimed* from, InstallationClaimed& to) {
    if (from == nullptr) return false;
    return read(from->installation(), to.installation) && read(from->host(), to.host) &&
           read(from->reason(), to.reason);
}

flatbuffers::Offset<wire::DispatchHeld> write(Builder& to, const DispatchHeld& from) {
    const auto note = write(to, from.note);
    wire::DispatchHeldBuilder made{to};
    made.add_reason(number_of(from.reason));
    if (!note.IsNull()) made.add_note(note);
    return made.Finish();
}

bool read(const wire::DispatchHeld* from, DispatchHeld& to) {
    if (from == nullptr) return false;
    return read(from->reason(), to.reason) && read(from->note(), to.note);
}

flatbuffers::Offset<wire::DispatchArmed> write(Builder& to, const DispatchArmed& from) {
    const auto note = write(to, from.note);
    wire::DispatchArmedBuilder made{to};
    if (!note.IsNull()) made.add_note(note);
    return made.Finish();
}

bool read(const wire::DispatchArmed* from, DispatchArmed& to) {
    if (from == nullptr) return false;
    return read(from->note(), to.note);
}

flatbuffers::Offset<wire::TeamCreated> write(Builder& to, const TeamCreated& from) {
    const auto team = wire_of(from.team.uuid);
    const auto name = to.CreateString(from.name);
    const auto owner = wire_of(from.owner.uuid);
    wire::TeamCreatedBuilder made{to};
    made.add_team(&team);
    made.add_name(name);
    made.add_owner(&owner);
    return made.Finish();
}

bool read(const wire::TeamCreated* from, TeamCreated& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->name(), to.name) &&
           read(from->owner(), to.owner);
}

flatbuffers::Offset<wire::MemberAdded> write(Builder& to, const MemberAdded& from) {
    const auto team = wire_of(from.team.uuid);
    const auto user = wire_of(from.user.uuid);
    const auto name = write(to, from.name);
    wire::MemberAddedBuilder made{to};
    made.add_team(&team);
    made.add_user(&user);
    if (!name.IsNull()) made.add_name(name);
    made.add_role(number_of(from.role));
    return made.Finish();
}

bool read(const wire::MemberAdded* from, MemberAdded& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->user(), to.user) &&
           read(from->name(), to.name) && read(from->role(), to.role);
}

flatbuffers::Offset<wire::MemberRoleChanged> write(Builder& to, const MemberRoleChanged& from) {
    const auto team = wire_of(from.team.uuid);
    const auto user = wire_of(from.user.uuid);
    wire::MemberRoleChangedBuilder made{to};
    made.add_team(&team);
    made.add_user(&user);
    made.add_role(number_of(from.role));
    return made.Finish();
}

bool read(const wire::MemberRoleChanged* from, MemberRoleChanged& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->user(), to.user) &&
           read(from->role(), to.role);
}

flatbuffers::Offset<wire::MemberRemoved> write(Builder& to, const MemberRemoved& from) {
    const auto team = wire_of(from.team.uuid);
    const auto user = wire_of(from.user.uuid);
    wire::MemberRemovedBuilder made{to};
    made.add_team(&team);
    made.add_user(&user);
    return made.Finish();
}

bool read(const wire::MemberRemoved* from, MemberRemoved& to) {
    if (from == nullptr) return false;
    return read(from->team(), to.team) && read(from->user(), to.user);
}

flatbuffers::Offset<wire::AppCreated> write(Builder& to, const AppCreated& from) {
    const auto app = wire_of(from.app.uuid);
    const auto definition = write(to, from.definition);
    wire::AppCreatedBuilder made{to};
    made.add_app(&app);
    made.add_definition(definition);
    return made.Finish();
}

bool read(const wire::AppCreated* from, AppCreated& to) {
    if (from == nullptr) return false;
    return read(from->app(), to.app) && read(from->definition(), to.definition);
}

flatbuffers::Offset<wire::AppCloned> write(Builder& to, const AppCloned& from) {
    const auto app = wire_of(from.app.uuid);
    const auto definition = write(to, from.definition);
    const auto source = wire_of(from.source.uuid);
    wire::AppClonedBuilder made{to};
    made.add_app(&app);
    made.add_definition(definition);
    made.add_source(&source);
    made.add_source_version(number_of(from.source_version));
    return made.Finish();
}

bool read(const wire::AppCloned* from, AppCloned& to) {
    if (from == nullptr) return false;
    return read(from->app(), to.app) && read(from->definition(), to.definition) &&
           read(from->source(), to.source) && read(from->source_version(), to.source_version);
}

flatbuffers::Offset<wire::AppRevised> write(Builder& to, const AppRevised& from) {
    const auto app = wire_of(from.app.uuid);
    const auto definition = write(to, from.definition);
    wire::AppRevisedBuilder made{to};
    made.add_app(&app);
    made.add_definition(definition);
    return made.Finish();
}

bool read(const wire::AppRevised* from, AppRevised& to) {
    if (from == nullptr) return false;
    return read(from->app(), to.app) && read(from->definition(), to.definition);
}

flatbuffers::Offset<wire::AppArchived> write(Builder& to, const AppArchived& from) {
    const auto app = wire_of(from.app.uuid);
    wire::AppArchivedBuilder made{to};
    made.add_app(&app);
    return made.Finish();
}

bool read(const wire::AppArchived* from, AppArchived& to) {
    if (from == nullptr) return false;
    return read(from->app(), to.app);
}

flatbuffers::Offset<wire::SigningSecretRotated> write(Builder& to,
                                                      const SigningSecretRotated& from) {
    const auto app = wire_of(from.app.uuid);
    wire::SigningSecretRotatedBuilder made{to};
    made.add_app(&app);
    made.add_generation(number_of(from.generation));
    return made.Finish();
}

bool read(const wire::SigningSecretRotated* from, SigningSecretRotated& to) {
    if (from == nullptr) return false;
    return read(from->app(), to.app) && read(from->generation(), to.generation);
}

flatbuffers::Offset<wire::ZoneRulesChanged> write(Builder& to, const ZoneRulesChanged& from) {
    const auto before = write(to, from.from);
    const auto after = to.CreateString(from.to);
    const auto digest = write(to, from.digest);
    wire::ZoneRulesChangedBuilder made{to};
    if (!before.IsNull()) made.add_from(before);
    made.add_to(after);
    if (!digest.IsNull()) made.add_digest(digest);
    return made.Finish();
}

bool read(const wire::ZoneRulesChanged* from, ZoneRulesChanged& to) {
    if (from == nullptr) return false;
    return read(from->from(), to.from) && read(from->to(), to.to) &&
           read(from->digest(), to.digest);
}

}  // namespace slipway::codec
