#include "projections/teams.h"

#include "eventlog/base/check.h"

#include <algorithm>

namespace slipway {

std::size_t Team::owners() const {
    return static_cast<std::size_t>(
        std::count_if(members.begin(), members.end(),
                      [](const auto& entry) { return entry.second.role == Role::owner; }));
}

namespace {

template <class Key, class Entry>
std::size_t entries_bytes(const std::map<Key, Entry>& entries) {
    std::size_t bytes = 0;
    for (const auto& [key, entry] : entries) bytes += team_entry_bytes(entry);
    return bytes;
}

}  // namespace

std::size_t team_bytes(const Team& team) {
    return kTeamBytes + heap_bytes(team.name) + entries_bytes(team.members) +
           entries_bytes(team.invitations) + entries_bytes(team.tokens) +
           entries_bytes(team.credentials) + entries_bytes(team.read_by_admin);
}

void Teams::add(Team team) {
    const std::size_t bytes = team_bytes(team);
    bytes_of_.push_back(bytes);
    bytes_ += bytes;
    teams_.push_back(std::move(team));
}

// Adds the entry to those of the team, or puts it in the place of the one with its key.
template <class Key, class Entry>
void Teams::put(const Team& team, std::map<Key, Entry>& entries, const Key& key, Entry entry) {
    if (entries.contains(key)) take(team, entries, key);
    const std::size_t bytes = team_entry_bytes(entry);
    bytes_of_[index_of(team.id)] += bytes;
    bytes_ += bytes;
    entries.emplace(key, std::move(entry));
}

// Removes the entry and returns it. Requires: it is there.
template <class Key, class Entry>
Entry Teams::take(const Team& team, std::map<Key, Entry>& entries, const Key& key) {
    const auto at = entries.find(key);
    CHECK(at != entries.end());
    Entry entry = std::move(at->second);
    entries.erase(at);
    const std::size_t bytes = team_entry_bytes(entry);
    bytes_of_[index_of(team.id)] -= bytes;
    bytes_ -= bytes;
    return entry;
}

Team& Teams::changed(const Envelope& envelope, TeamId id) {
    const auto at = indexes_.find(id);
    CHECK(at != indexes_.end());
    Team& team = teams_[at->second];
    CHECK(envelope.stream_version.value == team.version.value + 1);
    team.version = envelope.stream_version;
    return team;
}

void Teams::add_team_of(UserId user, TeamId team) {
    auto& teams = teams_of_[user];
    teams.insert(std::lower_bound(teams.begin(), teams.end(), team), team);
}

void Teams::apply(const Envelope& envelope, const TeamCreated& event) {
    const auto index = static_cast<std::uint32_t>(teams_.size());
    CHECK(indexes_.try_emplace(event.team, index).second);
    Team team;
    team.id = event.team;
    team.name = event.name;
    team.founder = event.owner;
    team.created_at = envelope.recorded_at;
    team.version = envelope.stream_version;
    team.members[event.owner] = Member{{}, Role::owner, envelope.recorded_at};
    add(std::move(team));
    add_team_of(event.owner, event.team);
    founded_by_[event.owner].push_back(event.team);
}

void Teams::apply(const Envelope& envelope, const MemberAdded& event) {
    Team& team = changed(envelope, event.team);
    put(team, team.members, event.user, Member{event.name, event.role, envelope.recorded_at});
    add_team_of(event.user, event.team);
}

void Teams::apply(const Envelope& envelope, const MemberRoleChanged& event) {
    const auto member = changed(envelope, event.team).members.find(event.user);
    CHECK(member != teams_[index_of(event.team)].members.end());
    member->second.role = event.role;
}

void Teams::apply(const Envelope& envelope, const MemberRemoved& event) {
    Team& team = changed(envelope, event.team);
    take(team, team.members, event.user);
    const auto of_user = teams_of_.find(event.user);
    std::erase(of_user->second, event.team);
    if (of_user->second.empty()) teams_of_.erase(of_user);
}

void Teams::apply(const Envelope& envelope, const MemberInvited& event) {
    Team& team = changed(envelope, event.team);
    put(team, team.invitations, event.invitation,
        Invitation{.email = event.email,
                   .role = event.role,
                   .invited_by = envelope.actor.user,
                   .created_at = envelope.recorded_at,
                   .expires_at = event.expires_at,
                   .secret_sha256 = event.secret_sha256});
    invitation_of_[event.secret_sha256] = {event.team, event.invitation};
}

void Teams::apply(const Envelope& envelope, const InvitationAccepted& event) {
    forget_invitation(changed(envelope, event.team), event.invitation);
}

void Teams::apply(const Envelope& envelope, const InvitationRevoked& event) {
    forget_invitation(changed(envelope, event.team), event.invitation);
}

void Teams::forget_invitation(Team& team, InvitationId id) {
    invitation_of_.erase(take(team, team.invitations, id).secret_sha256);
}

void Teams::apply(const Envelope& envelope, const TokenIssued& event) {
    Team& team = changed(envelope, event.team);
    put(team, team.tokens, event.token,
        ApiToken{.name = event.name,
                 .role = event.role,
                 .issued_by = envelope.actor.user,
                 .created_at = envelope.recorded_at,
                 .expires_at = event.expires_at,
                 .secret_sha256 = event.secret_sha256});
    token_of_[event.secret_sha256] = {event.team, event.token};
}

void Teams::apply(const Envelope& envelope, const TokenRevoked& event) {
    Team& team = changed(envelope, event.team);
    token_of_.erase(take(team, team.tokens, event.token).secret_sha256);
}

void Teams::apply(const Envelope& envelope, const CredentialStored& event) {
    Credential credential;
    credential.name = event.name;
    credential.kind = event.kind;
    credential.username = event.username;
    credential.header = event.header;
    credential.origin = event.origin;
    credential.secret = event.secret;
    credential.stored_by = envelope.actor.user;
    credential.created_at = envelope.recorded_at;
    credential.version = Version{1};
    Team& team = changed(envelope, event.team);
    put(team, team.credentials, event.credential, std::move(credential));
}

void Teams::apply(const Envelope& envelope, const CredentialRotated& event) {
    Team& team = changed(envelope, event.team);
    Credential credential = take(team, team.credentials, event.credential);
    credential.secret = event.secret;
    credential.rotated_at = envelope.recorded_at;
    ++credential.version.value;
    put(team, team.credentials, event.credential, std::move(credential));
}

void Teams::apply(const Envelope& envelope, const CredentialShredded& event) {
    Team& team = changed(envelope, event.team);
    shredded_keys_.push_back(take(team, team.credentials, event.credential).secret.key);
    if (shredded_keys_.size() > kShreddedKeysKept) shredded_keys_.pop_front();
}

void Teams::apply(const Envelope& envelope, const TeamReadByAdmin& event) {
    Team& team = changed(envelope, event.team);
    std::vector<UserId> outdated;
    for (const auto& [admin, read_at] : team.read_by_admin) {
        if (envelope.recorded_at - read_at >= kAdminReadsRecordedEvery) outdated.push_back(admin);
    }
    for (const UserId admin : outdated) take(team, team.read_by_admin, admin);
    put(team, team.read_by_admin, event.admin, envelope.recorded_at);
}

std::optional<Teams::Known<InvitationId>> Teams::invitation_of(
    const std::string& secret_sha256) const {
    const auto at = invitation_of_.find(secret_sha256);
    return at == invitation_of_.end() ? std::nullopt : std::optional{at->second};
}

std::optional<Teams::Known<TokenId>> Teams::token_of(const std::string& secret_sha256) const {
    const auto at = token_of_.find(secret_sha256);
    return at == token_of_.end() ? std::nullopt : std::optional{at->second};
}

const Team* Teams::find(TeamId id) const {
    const auto at = indexes_.find(id);
    return at == indexes_.end() ? nullptr : &teams_[at->second];
}

const Credential* Teams::find(TeamId team, CredentialId id) const {
    const Team* const found = find(team);
    if (found == nullptr) return nullptr;
    const auto at = found->credentials.find(id);
    return at == found->credentials.end() ? nullptr : &at->second;
}

std::optional<Role> Teams::role_of(UserId user, TeamId team) const {
    const Team* const found = find(team);
    if (found == nullptr) return std::nullopt;
    const auto member = found->members.find(user);
    if (member == found->members.end()) return std::nullopt;
    return member->second.role;
}

const std::vector<TeamId>& Teams::teams_of(UserId user) const {
    static const std::vector<TeamId> kNone;
    const auto at = teams_of_.find(user);
    return at == teams_of_.end() ? kNone : at->second;
}

const std::vector<TeamId>& Teams::founded_by(UserId user) const {
    static const std::vector<TeamId> kNone;
    const auto at = founded_by_.find(user);
    return at == founded_by_.end() ? kNone : at->second;
}

std::size_t Teams::most_memberships() const {
    std::size_t most = 0;
    for (const auto& [user, teams] : teams_of_) most = std::max(most, teams.size());
    return most;
}

void Teams::add_to(Fingerprint& fingerprint) const {
    for (const auto& key : shredded_keys_) fingerprint.add("shredded", key);
    for (const auto& team : teams_) fingerprint.add("team", team);
}

Result<void> Teams::rebuild() {
    for (std::uint32_t i = 0; i < teams_.size(); ++i) {
        const Team& team = teams_[i];
        bool is_new = indexes_.try_emplace(team.id, i).second;
        bytes_of_.push_back(team_bytes(team));
        bytes_ += bytes_of_.back();
        for (const auto& [user, member] : team.members) add_team_of(user, team.id);
        founded_by_[team.founder].push_back(team.id);
        for (const auto& [id, invitation] : team.invitations) {
            const Known<InvitationId> known{team.id, id};
            is_new &= invitation_of_.try_emplace(invitation.secret_sha256, known).second;
        }
        for (const auto& [id, token] : team.tokens) {
            const Known<TokenId> known{team.id, id};
            is_new &= token_of_.try_emplace(token.secret_sha256, known).second;
        }
        if (!is_new) return unfit("something of a team is there twice");
    }
    return {};
}

}  // namespace slipway
