// The teams: their members and the role of each, their invitations, tokens and credentials.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/events/event.h"
#include "projections/fingerprint.h"
#include "projections/memory.h"
#include "projections/parts.h"

#include <absl/container/flat_hash_map.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct Member {
    std::string name;
    Role role = Role::viewer;
    Instant added_at;
};
BOOST_DESCRIBE_STRUCT(Member, (), (name, role, added_at))

// Not yet accepted, and not revoked.
struct Invitation {
    std::string email;
    Role role = Role::viewer;
    UserId invited_by;
    Instant created_at;
    Instant expires_at;
    std::string secret_sha256;
};
BOOST_DESCRIBE_STRUCT(Invitation, (),
                      (email, role, invited_by, created_at, expires_at, secret_sha256))

struct ApiToken {
    std::string name;
    Role role = Role::viewer;
    UserId issued_by;
    Instant created_at;
    Instant expires_at;
    std::string secret_sha256;
};
BOOST_DESCRIBE_STRUCT(ApiToken, (), (name, role, issued_by, created_at, expires_at, secret_sha256))

struct Credential {
    std::string name;
    CredentialKind kind = CredentialKind::bearer;
    std::string username;
    std::string header;
    std::string origin;  // it is shown to nobody else
    SealedSecret secret;
    UserId stored_by;
    Instant created_at;
    std::optional<Instant> rotated_at;
    Version version;  // of its secret, from 1
};
BOOST_DESCRIBE_STRUCT(Credential, (),
                      (name, kind, username, header, origin, secret, stored_by, created_at,
                       rotated_at, version))

// An admin's looking at a team is recorded once in so long.
inline constexpr Seconds kAdminReadsRecordedEvery{3'600};

struct Team {
    TeamId id;
    std::string name;
    UserId founder;  // its first owner; it counts as theirs whoever owns it now
    Instant created_at;
    Version version;
    std::map<UserId, Member> members;
    std::map<InvitationId, Invitation> invitations;
    std::map<TokenId, ApiToken> tokens;
    std::map<CredentialId, Credential> credentials;
    // When an admin who is no member last had it on record that they looked at it. Only those of
    // the hour before the last one are kept.
    std::map<UserId, Instant> read_by_admin;

    std::size_t owners() const;
};
BOOST_DESCRIBE_STRUCT(Team, (),
                      (id, name, founder, created_at, version, members, invitations, tokens,
                       credentials, read_by_admin))

inline constexpr std::size_t kShreddedKeysKept = 100'000;

// Bytes that a team takes in memory beside its name and its entries: members, invitations, tokens,
// credentials and what admins looked at.
inline constexpr std::size_t kTeamBytes = sizeof(Team) + 200;
// Bytes that an entry takes with its id and its indexes, beside its own fields.
inline constexpr std::size_t kTeamEntryBytes = 200;

template <class Entry>
std::size_t team_entry_bytes(const Entry& entry) {
    return kTeamEntryBytes + memory_bytes(entry);
}

// Bytes that the team takes in memory. A step for each entry.
std::size_t team_bytes(const Team& team);

class Teams {
  public:
    void apply(const Envelope& envelope, const TeamCreated& event);
    void apply(const Envelope& envelope, const MemberAdded& event);
    void apply(const Envelope& envelope, const MemberRoleChanged& event);
    void apply(const Envelope& envelope, const MemberRemoved& event);
    void apply(const Envelope& envelope, const MemberInvited& event);
    void apply(const Envelope& envelope, const InvitationAccepted& event);
    void apply(const Envelope& envelope, const InvitationRevoked& event);
    void apply(const Envelope& envelope, const TokenIssued& event);
    void apply(const Envelope& envelope, const TokenRevoked& event);
    void apply(const Envelope& envelope, const CredentialStored& event);
    void apply(const Envelope& envelope, const CredentialRotated& event);
    void apply(const Envelope& envelope, const CredentialShredded& event);
    void apply(const Envelope& envelope, const TeamReadByAdmin& event);

    const Team* find(TeamId id) const;
    // Null if `team` has none of that id.
    const Credential* find(TeamId team, CredentialId id) const;
    // Nothing if `user` is not a member of `team`.
    std::optional<Role> role_of(UserId user, TeamId team) const;
    // In order of id. Empty for a user that nobody added.
    const std::vector<TeamId>& teams_of(UserId user) const;

    // In order of creation. Empty for a user that founded none.
    const std::vector<TeamId>& founded_by(UserId user) const;

    // Of how many teams somebody is a member who is in the most. A step for each user.
    std::size_t most_memberships() const;

    // Whose secret has this digest; nothing if there is none. Whether it has expired is the
    // caller's to ask.
    template <class SomeId>
    struct Known {
        TeamId team;
        SomeId id;
    };
    std::optional<Known<InvitationId>> invitation_of(const std::string& secret_sha256) const;
    std::optional<Known<TokenId>> token_of(const std::string& secret_sha256) const;

    // Teams by a number from 0 that stays, for rows that cannot afford an id. Requires: find(id).
    std::uint32_t index_of(TeamId id) const { return indexes_.at(id); }
    const Team& at(std::uint32_t index) const { return teams_[index]; }
    std::size_t size() const { return teams_.size(); }

    // Bytes of memory: of one team, and of all. Requires: find(id).
    std::size_t bytes_of(TeamId id) const { return bytes_of_[index_of(id)]; }
    std::size_t bytes() const { return bytes_; }

    // Of credentials that are no more: their keys are to be destroyed, if they are not yet. The
    // newest kShreddedKeysKept: each start destroys those that are still there.
    const std::deque<std::string>& shredded_keys() const { return shredded_keys_; }

    void add_to(Fingerprint& fingerprint) const;

    // As parts.h says.
    template <class Self, class Visit>
    static void parts(Self& self, const Visit& visit) {
        visit(ListPart{self.teams_});
        visit(ListPart{self.shredded_keys_});
    }
    // Errors: corruption.
    Result<void> rebuild();

  private:
    Team& changed(const Envelope& envelope, TeamId id);
    void add(Team team);
    template <class Key, class Entry>
    void put(const Team& team, std::map<Key, Entry>& entries, const Key& key, Entry entry);
    template <class Key, class Entry>
    Entry take(const Team& team, std::map<Key, Entry>& entries, const Key& key);
    void forget_invitation(Team& team, InvitationId id);
    void add_team_of(UserId user, TeamId team);

    std::vector<Team> teams_;
    std::deque<std::string> shredded_keys_;
    absl::flat_hash_map<TeamId, std::uint32_t> indexes_;
    absl::flat_hash_map<UserId, std::vector<TeamId>> teams_of_;
    absl::flat_hash_map<UserId, std::vector<TeamId>> founded_by_;
    absl::flat_hash_map<std::string, Known<InvitationId>> invitation_of_;
    absl::flat_hash_map<std::string, Known<TokenId>> token_of_;
    std::vector<std::size_t> bytes_of_;  // by the team's number
    std::size_t bytes_ = 0;
};

}  // namespace slipway
